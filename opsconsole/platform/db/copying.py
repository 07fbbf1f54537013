"""All rows of a list as CSV, written by PostgreSQL itself and never held in memory.

A list's queryset is taken as it is filtered and ordered; `csv_rows` compiles it with
`queryset.values_list(…).query.get_compiler(alias).as_sql()`. A list that is SQL gives the
statement and its parameters (perhaps none: `()`), with columns named as the fields.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from psycopg import postgres, sql

from opsconsole.platform.db import READ, SESSION
from opsconsole.web.csv import FORMULA_STARTS

Params = Sequence[Any] | Mapping[str, Any]
Rows = QuerySet[Any, Any] | tuple[str, Params]

TIMEOUT = 60_000  # milliseconds for all rows of a file
BUFFER = 128 * 1024  # bytes sent at once
INCOMPLETE = (
    b"INCOMPLETE: the database stopped answering while this file was written."
    b" Ask for it again.\n"
)
HARMLESS = {
    postgres.types[name].oid
    for name in (
        *("int2", "int4", "int8", "float4", "float8", "numeric", "uuid"),
        *("date", "time", "timetz", "timestamp", "timestamptz", "interval"),
    )
}
LISTS = {postgres.types[name].array_oid for name in ("text", "varchar")}
STARTS = ",".join(str(ord(start)) for start in FORMULA_STARTS)


def csv_rows(rows: Rows, columns: Mapping[str, str]) -> Iterator[bytes]:
    """The rows as CSV in pieces of about BUFFER bytes; `columns` is heading -> field.

    Text that a spreadsheet would run as a formula gets an apostrophe (web/csv.py);
    moments are ISO in UTC. A connection and a read-only transaction of its own, since it
    outlives the page's deadline. Raises Django's DatabaseError: before the first piece,
    or after a last line that says the file is incomplete.
    """
    alias = READ if isinstance(rows, tuple) else rows.db
    own = connections[alias].copy()
    begun = False
    try:
        for piece in _pieces(own, rows, columns):
            yield piece
            begun = True
    except DatabaseError:
        if begun:
            yield INCOMPLETE
        raise
    finally:
        own.close()


def _pieces(
    own: BaseDatabaseWrapper, rows: Rows, columns: Mapping[str, str]
) -> Iterator[bytes]:
    own.connect()
    with (
        own.wrap_database_errors,
        own.connection.transaction(),
        own.cursor() as cursor,
    ):
        cursor.execute(
            "SET TRANSACTION READ ONLY;"
            f" SET LOCAL statement_timeout = {TIMEOUT}; {SESSION}"
        )
        statement, params = _statement(own, cursor, rows, columns)
        buffer = bytearray()
        # copy() leaves %% as it is where there are no parameters; execute() does not.
        with cursor.copy(cursor.mogrify(statement, params)) as lines:
            for line in lines:
                buffer += line
                if len(buffer) >= BUFFER:
                    yield bytes(buffer)
                    buffer.clear()
        yield bytes(buffer)


def _statement(
    own: BaseDatabaseWrapper, cursor: Any, rows: Rows, columns: Mapping[str, str]
) -> tuple[str, Params]:
    inner, names, params = _inner(own, rows, columns)
    none = f"SELECT {', '.join(names)} FROM {inner} LIMIT 0"  # noqa: S608
    cursor.execute(none, params)
    types = [column.type_code for column in cursor.description]
    listed = ", ".join(
        f"{_told(name, kind)} AS {_quoted(heading)}"
        for name, kind, heading in zip(names, types, columns, strict=True)
    )
    copied = f"COPY (SELECT {listed} FROM {inner})"  # noqa: S608  names are quoted
    return f"{copied} TO STDOUT WITH (FORMAT csv, HEADER)", params


def _inner(
    own: BaseDatabaseWrapper, rows: Rows, columns: Mapping[str, str]
) -> tuple[str, list[str], Params]:
    """The rows as a FROM item, the names of its columns, and parameters."""
    if isinstance(rows, tuple):
        return f"({rows[0]}) AS listed", [*map(_quoted, columns.values())], rows[1]
    names = [f"c{place}" for place, _ in enumerate(columns)]
    alias = f"listed ({', '.join(names)})"
    query = rows.values_list(*columns.values()).query
    try:
        statement, params = query.get_compiler(connection=own).as_sql()
    except EmptyResultSet:
        nothing = ", ".join("NULL::text" for _ in names)
        return f"(SELECT {nothing} WHERE false) AS {alias}", names, ()
    return f"({statement}) AS {alias}", names, tuple(params)


def _told(name: str, kind: int) -> str:
    """How a column is written: as it is, or as text that no spreadsheet runs."""
    if kind in HARMLESS:
        return name
    text = f"array_to_string({name}, ', ')" if kind in LISTS else f"{name}::text"
    return f"CASE WHEN ascii({text}) IN ({STARTS}) THEN '''' || {text} ELSE {text} END"


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string().replace("%", "%%")
