"""The one door through which the platform is changed; only the engine may import it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from opsconsole.platform.db import SESSION

WRITE = "platform_write"
LOCK_TIMEOUT = 2_000  # milliseconds to wait for a row that someone else holds
STATEMENT_TIMEOUT = 5_000  # milliseconds for one statement of a chunk
IDLE_TIMEOUT = (
    4_000  # milliseconds; a stopped worker's transaction dies before its lease
)


@contextmanager
def writing() -> Iterator[CursorWrapper]:
    """A transaction with the role that holds the operations' grants.

    Raises Django's OperationalError on a lock timeout, a statement timeout or a deadlock.
    """
    with transaction.atomic(using=WRITE), connections[WRITE].cursor() as cursor:
        cursor.execute(
            "SET TRANSACTION READ WRITE;"
            f" SET LOCAL lock_timeout = {LOCK_TIMEOUT};"
            f" SET LOCAL statement_timeout = {STATEMENT_TIMEOUT};"
            f" SET LOCAL idle_in_transaction_session_timeout = {IDLE_TIMEOUT};"
            f" {SESSION}"
        )
        yield cursor


def server(cursor: CursorWrapper) -> str:
    """Which server we write to, and since which failover; empty where that is secret.

    A transaction's id means something on this one alone.
    """
    cursor.execute(
        "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')"
        " AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE')"
    )
    if not cursor.fetchone()[0]:
        return ""
    cursor.execute(
        "SELECT s.system_identifier || '/' || c.timeline_id"
        " FROM pg_control_system() AS s, pg_control_checkpoint() AS c"
    )
    return str(cursor.fetchone()[0])
