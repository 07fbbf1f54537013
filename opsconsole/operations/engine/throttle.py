"""Whether the platform is busy enough to let it breathe between two batches."""

import time
from datetime import timedelta

from opsconsole.operations.engine.errors import MustWait
from opsconsole.platform.db import fetch

EVERY = 1.0  # seconds between two looks
MANY_WAITING = 5  # sessions that wait for somebody's lock
LAG = 10.0  # seconds that a replica may be behind
BREATH = timedelta(seconds=2)

BUSY = """
SELECT (SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted) AS waiting,
  -- NULL where there is no replica, or where our role may not see it
  (SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication) AS lag
"""


class Throttle:
    """Looks at most once a second."""

    def __init__(self) -> None:
        self._looked_at = 0.0

    def check(self) -> None:
        """Raise MustWait with the reason when the platform is busy."""
        if time.monotonic() - self._looked_at < EVERY:
            return
        self._looked_at = time.monotonic()
        [now] = fetch(BUSY)
        if now["waiting"] >= MANY_WAITING:
            raise MustWait(
                f"{now['waiting']} sessions of the platform wait for locks.", BREATH
            )
        if (now["lag"] or 0) > LAG:
            raise MustWait(f"A replica is {now['lag']:.0f} s behind.", BREATH)
