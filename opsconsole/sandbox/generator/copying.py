"""Write many rows at once."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql

Row = dict[str, Any]  # column -> value; all rows of a table name the same columns
Rows = Iterator[Row]


def copy_rows(connection: psycopg.Connection, table: str, rows: Iterable[Row]) -> int:
    """COPY the rows into the table; return how many there were."""
    supply = iter(rows)
    first = next(supply, None)
    if first is None:
        return 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, first))
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for row in chain([first], supply):
                copy.write_row(tuple(row.values()))
        return cursor.rowcount
