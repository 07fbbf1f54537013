"""The doors to the platform's database: reading here, writing next door.

What a transaction needs is set with SET LOCAL inside it, since a pooler in transaction
mode hands each transaction another session.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

READ = "platform"
SORT_MEMORY = "64MB"  # a million keys are put in order without files
SNAPSHOT_TIMEOUT = 30_000  # milliseconds for one statement of a plan
SNAPSHOT_IDLE_TIMEOUT = (
    30_000  # milliseconds; a stopped worker's snapshot holds VACUUM up
)
# How values are printed, so that a stored before and after read back exactly, and which
# tables are meant: a temporary one of the same name comes last.
SESSION = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD';"
    " SET LOCAL search_path = public, pg_temp"
)


def fetch(
    sql: str, params: Sequence[Any] | dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of a read as dictionaries, column name to value."""
    with connections[READ].cursor() as cursor:
        cursor.execute(sql, params)
        return rows(cursor)


def rows(cursor: CursorWrapper) -> list[dict[str, Any]]:
    """What a cursor holds, as dictionaries."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def snapshot() -> Iterator[CursorWrapper]:
    """One unchanging view of the platform: REPEATABLE READ, READ ONLY."""
    with transaction.atomic(using=READ), connections[READ].cursor() as cursor:
        cursor.execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;"
            f" SET LOCAL statement_timeout = {SNAPSHOT_TIMEOUT};"
            f" SET LOCAL idle_in_transaction_session_timeout = {SNAPSHOT_IDLE_TIMEOUT};"
            f" SET LOCAL work_mem = '{SORT_MEMORY}'; {SESSION}"
        )
        yield cursor
