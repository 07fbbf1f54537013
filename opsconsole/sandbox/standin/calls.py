"""Calls of the sync function: those made here, and those of the schedule before."""

import threading
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from opsconsole.sandbox.standin.runs import PERIOD

KEPT = 1_000


class Call(NamedTuple):
    """One call of the function, as its logs tell."""

    at: datetime
    status: int
    milliseconds: int


class Calls:
    """What was called, the newest first; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls = _scheduled(datetime.now(UTC))

    def add(self, status: int, milliseconds: int) -> None:
        """Remember a call that has just ended."""
        with self._lock:
            self._calls.insert(0, Call(datetime.now(UTC), status, milliseconds))
            del self._calls[KEPT:]

    def between(self, start: datetime, end: datetime) -> list[Call]:
        """Return the calls of a span, the newest first."""
        with self._lock:
            return [call for call in self._calls if start <= call.at <= end]


def _scheduled(now: datetime) -> list[Call]:
    """Return the calls of the last week's scheduled runs."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = midnight + PERIOD * ((now - midnight) // PERIOD)
    return [
        Call(last - PERIOD * age + timedelta(minutes=1), 200, 41_000 + 700 * (age % 9))
        for age in range(28)
    ]
