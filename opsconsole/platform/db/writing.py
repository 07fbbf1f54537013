"""The one door through which the platform is changed; only the engine may import it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from opsconsole.platform.db import TEXT_FORMAT

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
            f" {TEXT_FORMAT}"
        )
        yield cursor
