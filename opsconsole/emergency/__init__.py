"""The emergency room: what is stopped, whether it really is, and what can be done."""
