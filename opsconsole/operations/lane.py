"""A second thread of a worker, with database connections of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connections


class Lane:
    """Begins when it is first needed; whoever made it closes it."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None

    def begin(self, work: Callable[..., Any], *args: Any) -> "Future[Any]":
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="lane")
        return self._thread.submit(work, *args)

    def close(self) -> None:
        """Wait for what is under way, and give the connections back."""
        if self._thread is not None:
            self._thread.submit(connections.close_all)
            self._thread.shutdown()
            self._thread = None
