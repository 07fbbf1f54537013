"""The runbook's quick start as live facts: what is there, what is missing, what puts it right."""
