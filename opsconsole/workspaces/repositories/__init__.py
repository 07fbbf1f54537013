"""Tracked repositories as lists and as a page of their own."""
