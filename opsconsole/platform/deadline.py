"""How long a page may keep people waiting for the platform: one deadline per page.

Statements are ended by the server at what is left of the time. A server that does not
even do that (stopped, or behind a dead network) is hung up on a little later.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Timer
from time import monotonic
from typing import Any

from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse

from opsconsole.platform.db import READ

PAGE = 1.5  # seconds that one page spends on the platform altogether
HANG_UP = 0.3  # seconds after the deadline, for a server that does not keep it
NOTICED = 0.1  # seconds; a timeout that would change by less is left as it is
TOO_LATE = "The time that this page may spend on the platform is used up."
OUR_OWN = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # Django's, always allowed

_ends: ContextVar[float | None] = ContextVar("ends", default=None)  # monotonic seconds


class PageDeadline:
    """Middleware that starts the clock of each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = _ends.set(monotonic() + PAGE)
        try:
            return self.get_response(request)
        finally:
            _ends.reset(before)


def left() -> float:
    """Seconds left of the page's time; all of it outside of a request."""
    ends = _ends.get()
    return PAGE if ends is None else ends - monotonic()


@contextmanager
def deadline(seconds: float | None = None) -> Iterator[None]:
    """A transaction on the platform in which all statements together take no longer.

    What is left of the page's time unless told. Raises OperationalError once it is used
    up. A deadline inside another one is a savepoint and cannot last longer.
    """
    connection = connections[READ]
    if any(isinstance(wrapper, _Limit) for wrapper in connection.execute_wrappers):
        with transaction.atomic(using=READ):
            yield
        return
    allowed = left() if seconds is None else seconds
    if allowed <= 0:
        raise OperationalError(TOO_LATE)
    limit, within = _Limit(monotonic() + allowed), connection.in_atomic_block
    with (
        _hung_up(connection, allowed + HANG_UP),
        transaction.atomic(using=READ),
        connection.execute_wrapper(limit),
    ):
        before = _timeout(connection) if within else ""
        yield
        if within:  # the caller's transaction goes on with the timeout it had
            limit.tell(connection, before)


class _Limit:
    """Gives each statement what is left of the time."""

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.given: float | None = None  # seconds, as the server was told last

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, info: Any
    ) -> Any:
        if str(sql).startswith(OUR_OWN):
            self.given = None  # going back to a savepoint undoes the setting as well
            return execute(sql, params, many, info)
        remaining = self.ends - monotonic()
        if remaining <= 0:
            raise OperationalError(TOO_LATE)
        if self.given is None or self.given - remaining > NOTICED:
            self.given = remaining
            self.tell(info["connection"], f"{max(1, int(remaining * 1000))}ms")
        return execute(sql, params, many, info)

    @staticmethod
    def tell(connection: BaseDatabaseWrapper, timeout: str) -> None:
        """Past Django's cursor, which would bring us here again."""
        with connection.wrap_database_errors:
            connection.connection.execute(f"SET LOCAL statement_timeout = '{timeout}'")


def _timeout(connection: BaseDatabaseWrapper) -> str:
    with connection.wrap_database_errors:
        found = connection.connection.execute("SHOW statement_timeout").fetchone()
    return str(found[0])


@contextmanager
def _hung_up(connection: BaseDatabaseWrapper, seconds: float) -> Iterator[None]:
    """Cut the line if the block still waits after that time."""
    timer = Timer(seconds, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: BaseDatabaseWrapper) -> None:
    """Let the waiting thread see the end of the stream; it raises OperationalError."""
    with (
        suppress(Exception),
        socket.socket(fileno=os.dup(connection.connection.pgconn.socket)) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)
