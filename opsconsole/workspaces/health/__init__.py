"""How all syncs are: diagnoses, capacity, errors, and what nothing syncs."""
