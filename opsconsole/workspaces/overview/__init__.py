"""The front page: what needs attention, numbers, and what the runbook says instead."""
