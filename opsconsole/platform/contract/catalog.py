"""What the platform's catalogs say about the tables we expect and the roles we use.

Four queries that look tables up by name, so that what else the platform holds costs
nothing. Names resolve as they do in our own queries: by the reader's search path.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from opsconsole.platform.db import READ, rows

TIMEOUT = 3_000  # milliseconds for one of the queries; they take about five
PRIVILEGES = ("SELECT", "INSERT", "UPDATE")

Granted = dict[str, frozenset[str]]  # privilege -> roles that hold it


@dataclass(frozen=True)
class FoundColumn:
    """A column as it is; `labels` are the values of an enum type."""

    type: str
    labels: tuple[str, ...]
    granted: Granted


@dataclass
class FoundTable:
    """A table as it is."""

    schema: str
    entered_by: frozenset[str]  # roles with USAGE on the schema
    deleted_by: frozenset[str]
    hidden_from: frozenset[str]  # roles whose reads row-level security filters
    locked_for: frozenset[str]  # roles whose updates it filters
    columns: dict[str, FoundColumn] = field(default_factory=dict)
    checks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Server:
    """Where we are and as whom; `writer` is None when there is no such role."""

    version_number: int  # 150008 is 15.8
    version: str
    database: str
    reader: str
    writer: str | None


@dataclass(frozen=True)
class Catalog:
    """The expected tables that exist, by name."""

    server: Server
    tables: dict[str, FoundTable]
    tiers_in_use: tuple[str, ...]  # read only where nothing declares the values


def server(cursor: CursorWrapper, writer: str) -> Server:
    """A pooler's user name has the project behind a dot: `postgres.egcxzonp`."""
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
    return Server(**rows(cursor)[0])


def tables(
    cursor: CursorWrapper, names: Iterable[str], roles: list[str]
) -> dict[int, tuple[str, FoundTable]]:
    """The tables that exist: object id -> name and table.

    Row-level security filters for a role unless the role bypasses it or owns a table
    on which it is not forced; a policy that says `true` lets every row through.
    """
    cursor.execute(
        """
        WITH rule AS (
            SELECT c.oid, role.rolname,
                   c.relrowsecurity AND NOT role.rolsuper AND NOT role.rolbypassrls
                   AND (c.relforcerowsecurity
                        OR NOT pg_has_role(role.oid, c.relowner, 'USAGE')) AS applies,
                   policy.reads, policy.updates
            FROM pg_class AS c CROSS JOIN pg_roles AS role
            CROSS JOIN LATERAL (
                SELECT coalesce(bool_and(polpermissive) AND bool_or(
                           polcmd IN ('*', 'r')
                           AND pg_get_expr(polqual, polrelid) = 'true'), false) AS reads,
                       coalesce(bool_and(polpermissive) AND bool_or(
                           polcmd IN ('*', 'w')
                           AND pg_get_expr(polqual, polrelid) = 'true'
                           AND coalesce(pg_get_expr(polwithcheck, polrelid), 'true')
                               = 'true'), false) AS updates
                FROM pg_policy
                WHERE polrelid = c.oid AND EXISTS (
                    SELECT FROM unnest(polroles) AS granted
                    WHERE granted = 0 OR pg_has_role(role.oid, granted, 'USAGE'))
            ) AS policy
            WHERE c.oid IN (SELECT to_regclass(quote_ident(name))
                            FROM unnest(%(names)s::text[]) AS name)
                  AND role.rolname = ANY (%(roles)s)
        )
        SELECT c.oid::bigint AS oid, wanted.name, n.nspname::text AS schema,
               array_agg(rule.rolname::text) FILTER (WHERE
                   has_schema_privilege(rule.rolname, n.oid, 'USAGE')) AS entered_by,
               array_agg(rule.rolname::text) FILTER (WHERE
                   has_table_privilege(rule.rolname, c.oid, 'DELETE')) AS deleted_by,
               array_agg(rule.rolname::text) FILTER (WHERE
                   rule.applies AND NOT rule.reads) AS hidden_from,
               array_agg(rule.rolname::text) FILTER (WHERE
                   rule.applies AND NOT (rule.reads AND rule.updates)) AS locked_for
        FROM unnest(%(names)s::text[]) AS wanted (name)
        JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(wanted.name))
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN rule ON rule.oid = c.oid
        GROUP BY c.oid, wanted.name, n.oid, n.nspname
        """,
        {"names": list(names), "roles": roles},
    )
    return {row.pop("oid"): (row.pop("name"), _table(row)) for row in rows(cursor)}
