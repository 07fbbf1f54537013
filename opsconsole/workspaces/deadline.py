"""How long a page may keep the platform's database busy."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from opsconsole.platform.db import READ

PAGE = 5_000  # milliseconds for one statement; by then a person has given up
PANEL = 1_500  # milliseconds, where the rest of the page stands without the answer


@contextmanager
def deadline(milliseconds: int) -> Iterator[None]:
    """A transaction on the platform in which no statement may take longer.

    Raises OperationalError for one that does. Set inside a transaction, since a pooler
    hands the next one another session. Also a decorator of views.
    """
    with transaction.atomic(using=READ), connections[READ].cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {milliseconds}")
        yield
