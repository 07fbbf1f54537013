"""What is done every two seconds in the database, beside the loop that keeps processes alive.

It has a thread of its own since a database that does not answer may hold it for
minutes, and children must be cared for and signals obeyed meanwhile.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from opsconsole.supervisor.children import Child

PAUSE = 2.0  # seconds between two rounds
STUCK_AFTER = 20.0  # seconds a run may wait for a cluster that is up

logger = logging.getLogger("opsconsole.supervisor")


class Rounds(threading.Thread):
    """Calls each duty again and again. A failure is logged once until the duty succeeds."""

    def __init__(
        self,
        duties: Sequence[Callable[[], None]],
        *,
        before: Callable[[], None] = lambda: None,
        pause: float = PAUSE,
    ) -> None:
        super().__init__(name="rounds", daemon=True)
        self.duties = duties
        self.before = before  # such as: drop database connections that are dead
        self.pause = pause
        self._over = threading.Event()
        self._failing: set[int] = set()

    def run(self) -> None:
        while not self._over.wait(self.pause):
            self.before()
            for number, duty in enumerate(self.duties):
                self._do(number, duty)

    def stop(self) -> None:
        """Ask for the end; one that hangs in the database is left to die with the process."""
        self._over.set()
        if self.is_alive():
            self.join(self.pause)

    def _do(self, number: int, duty: Callable[[], None]) -> None:
        try:
            duty()
        except Exception as error:  # whatever it is, the next round may go well
            if number not in self._failing and not self._over.is_set():
                self._failing.add(number)
                why = str(error).strip().partition("\n")[0]
                logger.warning("a round failed (%s): %s", type(error).__name__, why)
        else:
            self._failing.discard(number)


class Watchdog:
    """Condemns a cluster that is alive but takes no runs.

    A worker killed while it waits for a message keeps the queue's lock: the cluster
    looks well and does nothing for ever (django-q2 issue 23). How long a run has waited
    is remembered here, since a run handed over between two workers does not tell.
    """

    def __init__(
        self,
        clusters: Sequence[Child],
        waiting: Callable[[str], Collection[int]],
        patience: float = STUCK_AFTER,
    ) -> None:
        self.clusters = clusters
        self.waiting = waiting  # cluster -> runs that it should take
        self.patience = patience  # seconds
        self._since: dict[str, dict[int, float]] = {}  # cluster -> run -> first seen

    def __call__(self) -> None:
        for cluster in self.clusters:
            stuck = self._stuck(cluster.name)
            # Asked after the query: the loop may have started the cluster meanwhile.
            if stuck and cluster.uptime() > self.patience and cluster.alive():
                cluster.condemned = f"takes no work (runs waiting: {stuck})"

    def _stuck(self, cluster: str) -> int:
        """How many runs have waited for longer than our patience."""
        now, known = time.monotonic(), self._since.get(cluster, {})
        since = {run: known.get(run, now) for run in self.waiting(cluster)}
        self._since[cluster] = since
        return sum(now - first > self.patience for first in since.values())
