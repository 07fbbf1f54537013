"""Reads the platform's catalogs: five queries, whatever else it holds.

Tables are looked up by name, and a name resolves as it does in our own queries: by the
reader's search path.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.db import OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import LockNotAvailable

from opsconsole.platform.contract.found import (
    Access,
    Catalog,
    FoundColumn,
    FoundTable,
    Server,
)
from opsconsole.platform.db import READ, rows

PRIVILEGES = ("SELECT", "INSERT", "UPDATE")
LOCKED = 150  # milliseconds that we wait for somebody else's lock on a table

Tables = dict[int, FoundTable]  # by object id


def server(cursor: CursorWrapper, writer: str) -> Server:
    """Where we are. `writer` is a user name, empty for the reader's own.

    A pooler's user name has the project behind a dot: `postgres.egcxzonpmmcirmgqdrla`.
    """
    cursor.execute(
        """
        SELECT current_setting('server_version_num')::integer AS version_number,
               current_setting('server_version') AS version,
               current_database()::text AS database,
               current_user::text AS reader,
               (SELECT rolname::text FROM pg_roles
                WHERE rolname IN (%(writer)s, split_part(%(writer)s, '.', 1))
                ORDER BY rolname = %(writer)s DESC LIMIT 1) AS writer
        """,
        {"writer": writer},
    )
    found = Server(**rows(cursor)[0])
    return found if writer else replace(found, writer=found.reader)


def tables(
    cursor: CursorWrapper, names: Iterable[str], roles: list[str]
) -> tuple[dict[str, int], Tables]:
    """The tables that exist, as name -> object id and object id -> table.

    Row-level security filters for a role unless the role bypasses it, or owns a table
    on which it is not forced.
    """
    cursor.execute(
        """
        SELECT wanted.name, c.oid::bigint AS oid, n.nspname::text AS schema,
               role.rolname::text AS role,
               has_schema_privilege(role.oid, n.oid, 'USAGE') AS enters,
               has_table_privilege(role.oid, c.oid, 'DELETE') AS deletes,
               c.relrowsecurity AND NOT role.rolsuper AND NOT role.rolbypassrls
               AND (c.relforcerowsecurity
                    OR NOT pg_has_role(role.oid, c.relowner, 'USAGE')) AS filtered
        FROM unnest(%(names)s::text[]) AS wanted (name)
        JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(wanted.name))
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_roles AS role ON role.rolname = ANY (%(roles)s)
        """,
        {"names": list(names), "roles": roles},
    )
    ids: dict[str, int] = {}
    found: Tables = {}
    for row in rows(cursor):
        ids[row["name"]] = row["oid"]
        table = found.setdefault(row["oid"], FoundTable(row["schema"]))
        filtered = row["filtered"]
        table.access[row["role"]] = Access(
            row["enters"], row["deletes"], filtered, filtered
        )
    return ids, found


def add_open_policies(cursor: CursorWrapper, found: Tables, roles: list[str]) -> None:
    """Clear what is filtered where a policy lets every row through: its text is `true`.

    A restrictive policy beside it may take rows away again, so then nothing is cleared.
    """
    cursor.execute(
        """
        SELECT polrelid::bigint AS oid, role.rolname::text AS role,
               bool_and(polpermissive) AND bool_or(
                   polcmd IN ('*', 'r') AND pg_get_expr(polqual, polrelid) = 'true'
               ) AS reads_all,
               bool_and(polpermissive) AND bool_or(
                   polcmd IN ('*', 'w') AND pg_get_expr(polqual, polrelid) = 'true'
                   AND coalesce(pg_get_expr(polwithcheck, polrelid), 'true') = 'true'
               ) AS updates_all
        FROM pg_policy
        JOIN pg_roles AS role ON role.rolname = ANY (%(roles)s) AND EXISTS (
            SELECT FROM unnest(polroles) AS named
            WHERE named = 0 OR pg_has_role(role.oid, named, 'USAGE'))
        WHERE polrelid = ANY (%(oids)s)
        GROUP BY polrelid, role.rolname
        """,
        {"oids": list(found), "roles": roles},
    )
    for row in rows(cursor):
        access = found[row["oid"]].access
        role = access[row["role"]]
        access[row["role"]] = replace(
            role,
            rows_hidden=role.rows_hidden and not row["reads_all"],
            updates_filtered=role.updates_filtered
            and not (row["reads_all"] and row["updates_all"]),
        )


def add_columns(cursor: CursorWrapper, found: Tables, roles: list[str]) -> None:
    """The columns with their types, a domain's as the type below it, and who may what."""
    cursor.execute(
        """
        SELECT a.attrelid::bigint AS oid, a.attname::text AS name,
               format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) AS type,
               ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid
                     ORDER BY enumsortorder) AS labels,
               ARRAY(SELECT privilege || ' ' || role.rolname
                     FROM pg_roles AS role, unnest(%(privileges)s::text[]) AS privilege
                     WHERE role.rolname = ANY (%(roles)s) AND has_column_privilege(
                         role.oid, a.attrelid, a.attnum, privilege)) AS granted
        FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE a.attrelid = ANY (%(oids)s) AND a.attnum > 0 AND NOT a.attisdropped
        """,
        {"oids": list(found), "roles": roles, "privileges": list(PRIVILEGES)},
    )
    for row in rows(cursor):
        found[row["oid"]].columns[row["name"]] = FoundColumn(
            row["type"], tuple(row["labels"]), frozenset(row["granted"])
        )


def add_checks(cursor: CursorWrapper, found: Tables) -> None:
    """The CHECK constraints as PostgreSQL prints them."""
    cursor.execute(
        """
        SELECT conrelid::bigint AS oid, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE contype = 'c' AND conrelid = ANY (%(oids)s)
        ORDER BY conname
        """,
        {"oids": list(found)},
    )
    for row in rows(cursor):
        found[row["oid"]].checks.append(row["definition"])


def add_expressions(cursor: CursorWrapper, found: Tables, roles: list[str]) -> bool:
    """Policies and CHECKs; False where they cannot be read now.

    To print an expression PostgreSQL takes a lock on its table, which somebody may hold
    for long. Everything else here is read without.
    """
    try:
        with transaction.atomic(using=READ):
            cursor.execute(f"SET LOCAL lock_timeout = {LOCKED}")
            add_open_policies(cursor, found, roles)
            add_checks(cursor, found)
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


def read(names: Iterable[str], writer: str) -> Catalog:
    """All of it, in the caller's transaction. Raises Django's database errors."""
    with connections[READ].cursor() as cursor:
        here = server(cursor, writer)
        ids, found = tables(cursor, names, here.roles)
        add_columns(cursor, found, here.roles)
        complete = add_expressions(cursor, found, here.roles)
        named = {name: found[oid] for name, oid in ids.items()}
        return Catalog(here, named, complete)


def tiers_in_use() -> frozenset[str]:
    """The tiers that workspaces have, for a platform that declares none."""
    with connections[READ].cursor() as cursor:
        cursor.execute("SELECT DISTINCT tier::text AS tier FROM workspaces")
        return frozenset(row["tier"] for row in rows(cursor) if row["tier"])
