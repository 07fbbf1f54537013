"""How long the platform's rows are locked: from a transaction's first write to its commit."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

WRITE = "platform_write"
LOCKING = ("UPDATE", "DELETE", "INSERT")  # FOR NO KEY UPDATE too


@contextmanager
def measured() -> Iterator[list[float]]:
    """Seconds, one per transaction of the engine's, in the list as they end."""
    connection = connections[WRITE]
    held: list[float] = []
    first: list[float] = []
    commit = connection.commit

    def note(
        execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        text = sql if isinstance(sql, str) else sql.as_string()
        if not first and any(word in text for word in LOCKING):
            first.append(time.perf_counter())
        return execute(sql, params, many, context)

    def committed() -> None:
        commit()
        if first:
            held.append(time.perf_counter() - first.pop())

    connection.commit = committed  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(note):
            yield held
    finally:
        del connection.commit
