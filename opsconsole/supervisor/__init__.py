"""Keeps the console's processes running: PostgreSQL (sandbox), web server, django-q clusters."""
