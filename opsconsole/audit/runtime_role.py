"""Give the role that serves requests its rights: everything but rewriting the audit.

Migrations run as the owner of the console's database; the web and worker processes
connect as another role, so that not even a mistake in our code can change an entry.
"""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from psycopg import sql

APPEND_ONLY = "audit_entry"


def grant_after_migrate(
    sender: AppConfig, using: str = "default", **kwargs: Any
) -> None:
    """After migrating as the owner: let the runtime role use the tables made so far."""
    connection = connections[using]
    if using != "default" or connection.settings_dict["USER"] == settings.RUNTIME_ROLE:
        return
    role = sql.Identifier(settings.RUNTIME_ROLE)
    statements = [
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
    if APPEND_ONLY in connection.introspection.table_names():
        statements.append("REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM {role}")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.RUNTIME_ROLE]
        )
        if cursor.fetchone():
            for statement in statements:
                cursor.execute(sql.SQL(statement).format(role=role))
