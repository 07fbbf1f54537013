"""The two databases of the sandbox and the roles that may use them.

The platform's tables belong to `platform_owner` as they belong to `postgres` on
Supabase; the console reads with one role and writes with another. What these two
may touch is granted by the SQL files beside the code that needs it.
"""

from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql

from opsconsole.sandbox.postgres import SUPERUSER, remove, url

__all__ = ["Urls", "apply_grants", "prepare", "remove", "urls"]

PACKAGE = Path(__file__).parents[1]
SCHEMA = Path(__file__).parent / "schema"
GRANTS = (PACKAGE / "platform" / "grants", PACKAGE / "operations" / "grants")
PREPARING = (
    7_203_511  # key of the advisory lock that lets one process prepare at a time
)

ROLES = {
    "opsconsole_owner": "LOGIN",
    "opsconsole_app": "LOGIN",
    "platform_owner": "LOGIN",
    "opsconsole_reader": "LOGIN BYPASSRLS",
    "opsconsole_writer": "LOGIN BYPASSRLS",
}
DEFAULTS = {
    "opsconsole_reader": {
        "default_transaction_read_only": "on",
        "statement_timeout": "30s",
        "TimeZone": "UTC",
    },
    "opsconsole_writer": {"statement_timeout": "30s", "TimeZone": "UTC"},
}
DATABASES = {
    "opsconsole": ("opsconsole_owner", ["opsconsole_app"]),
    "platform": ("platform_owner", ["opsconsole_reader", "opsconsole_writer"]),
}  # each as name -> (owner, roles that may connect)


class Urls(NamedTuple):
    """Where each part of the console connects; `maintenance` is the superuser on the platform."""

    console_owner: str
    console: str
    platform_owner: str
    platform: str
    platform_write: str
    maintenance: str


def urls(data: Path) -> Urls:
    """Return the URLs of the server of this directory, which need not be running."""
    return Urls(
        console_owner=url(data, "opsconsole", "opsconsole_owner"),
        console=url(data, "opsconsole", "opsconsole_app"),
        platform_owner=url(data, "platform", "platform_owner"),
        platform=url(data, "platform", "opsconsole_reader"),
        platform_write=url(data, "platform", "opsconsole_writer"),
        maintenance=url(data, "platform", SUPERUSER),
    )


def prepare(data: Path) -> bool:
    """Make roles, databases, the platform's tables and the grants, where they are missing.

    Returns True while the platform holds no workspace, so that it wants to be
    filled: the first time, or after a filling that was cut off.
    """
    with psycopg.connect(url(data, "postgres", SUPERUSER), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [PREPARING])
        _make_roles(server)
        _make_databases(server)
        for database, (_, users) in DATABASES.items():
            with psycopg.connect(url(data, database, SUPERUSER)) as connection:
                _admit(connection, users)
        with psycopg.connect(url(data, "platform", SUPERUSER)) as platform:
            _make_tables(platform)
            apply_grants(platform)
            return _is_empty(platform)


def apply_grants(platform: psycopg.Connection) -> None:
    """Run every grant file as superuser; they may be run again."""
    for folder in GRANTS:
        for file in sorted(folder.glob("*.sql")):
            _run_file(platform, file)


def _make_roles(server: psycopg.Connection) -> None:
    known = {name for (name,) in server.execute("SELECT rolname FROM pg_roles")}
    for role, rights in ROLES.items():
        if role not in known:
            server.execute(
                sql.SQL(f"CREATE ROLE {{}} {rights}").format(sql.Identifier(role))
            )
    for role, settings in DEFAULTS.items():
        for name, value in settings.items():
            server.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
                )
            )


def _make_databases(server: psycopg.Connection) -> None:
    known = {name for (name,) in server.execute("SELECT datname FROM pg_database")}
    for database, (owner, _) in DATABASES.items():
        if database not in known:
            server.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(database), sql.Identifier(owner)
                )
            )


def _admit(connection: psycopg.Connection, users: list[str]) -> None:
    """Let these roles, and nobody else but the owner, in."""
    database = sql.Identifier(connection.info.dbname)
    connection.execute(
        sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(database)
    )
    for user in map(sql.Identifier, users):
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, user)
        )
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(user))


def _make_tables(platform: psycopg.Connection) -> None:
    """Apply the schema files as the owner, all or none."""
    if platform.execute(
        "SELECT to_regclass('public.workspaces') IS NOT NULL"
    ).fetchone() == (True,):
        return
    with platform.transaction():
        platform.execute("SET LOCAL ROLE platform_owner")
        for file in sorted(SCHEMA.glob("*.sql")):
            _run_file(platform, file)


def _run_file(connection: psycopg.Connection, file: Path) -> None:
    try:
        connection.execute(file.read_bytes())
    except psycopg.Error as error:
        error.add_note(f"in {file}")
        raise


def _is_empty(platform: psycopg.Connection) -> bool:
    return platform.execute("SELECT FROM workspaces LIMIT 1").fetchone() is None
