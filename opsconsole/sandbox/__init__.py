"""A platform to play with: embedded PostgreSQL, schema, realistic data, stand-ins for its HTTP services."""
