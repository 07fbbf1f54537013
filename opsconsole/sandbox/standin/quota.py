"""GitHub's budget of one token: 5,000 calls an hour, shared by everyone who holds it."""

import threading
from datetime import UTC, datetime, timedelta

from opsconsole.sandbox.standin.answers import Json

LIMIT = 5_000  # calls an hour for an authenticated user
OTHERS = 610  # calls that the platform's other workers have made in each hour


class Quota:
    """Counts calls; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hour = self._now()
        self._used = OTHERS

    def spend(self) -> bool:
        """Count one call; tell whether the budget allowed it."""
        with self._lock:
            self._turn()
            allowed = self._used < LIMIT
            self._used = min(LIMIT, self._used + 1)
            return allowed

    def drain(self, calls: int) -> None:
        """Let the platform's other workers make so many calls."""
        with self._lock:
            self._turn()
            self._used = min(LIMIT, self._used + calls)

    def leave(self, remaining: int) -> None:
        """Let so many calls remain in this hour."""
        with self._lock:
            self._turn()
            self._used = max(0, LIMIT - remaining)

    def resource(self) -> Json:
        """Return the numbers as GET /rate_limit names them; `reset` in seconds of the epoch."""
        with self._lock:
            self._turn()
            reset = int((self._hour + timedelta(hours=1)).timestamp())
            left = LIMIT - self._used
            return {
                "limit": LIMIT,
                "used": self._used,
                "remaining": left,
                "reset": reset,
            }

    def _turn(self) -> None:
        if self._hour != (hour := self._now()):
            self._hour, self._used = hour, OTHERS

    @staticmethod
    def _now() -> datetime:
        return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
