"""The loop that keeps children alive and leaves nothing behind when it is told to stop."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from opsconsole.supervisor.children import Child, Kept
from opsconsole.supervisor.interruption import heeded
from opsconsole.supervisor.rounds import Rounds

TICK = 0.2  # seconds between two looks at the children
SECOND_THOUGHT = 1.0  # seconds; `uv run` passes on the Ctrl-C that we have had already

logger = logging.getLogger("opsconsole.supervisor")


class Supervisor:
    """Keeps children running over a foundation (the sandbox's server) that outlives them all.

    `ready` is asked until it says True, then `announce` is called once. A second
    signal cuts the grace short.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        foundation: Kept | None = None,
        rounds: Rounds | None = None,
        grace: float = 10.0,
    ) -> None:
        self.children = children
        self.foundation = foundation
        self.rounds = rounds
        self.grace = grace  # seconds from SIGTERM to SIGKILL
        self._told_at: float | None = None  # by the monotonic clock
        self._stop = threading.Event()
        self._hurry = threading.Event()

    def run(
        self,
        ready: Callable[[], bool] = lambda: True,
        announce: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve until SIGINT, SIGTERM or SIGHUP; from the main thread."""
        before = {number: signal.signal(number, self._told) for number in heeded()}
        try:
            if self.rounds:
                self.rounds.start()
            self._keep(ready, announce)
        finally:
            self._end()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _keep(self, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        announced = False
        while not self._stop.is_set():
            for kept in [self.foundation, *self.children]:
                if kept is not None and not self._stop.is_set():
                    kept.care()
            if not announced and ready():
                announced = True
                announce()
            self._stop.wait(TICK)

    def _told(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._told_at is None:
            self._told_at = now
        elif now - self._told_at > SECOND_THOUGHT:
            self._hurry.set()
        self._stop.set()

    def _end(self) -> None:
        """Stop the children together, sweep what is left of them, then the foundation."""
        logger.info("stopping")
        deadline = time.monotonic() + self.grace
        if self.rounds:
            self.rounds.stop()
        for child in self.children:
            child.ask_to_stop()
        while any(child.alive() for child in self.children):
            if time.monotonic() > deadline or self._hurry.wait(0.05):
                break
        for child in self.children:
            if child.alive():
                logger.warning("%s did not stop in time: killed", child.name)
            child.kill()
        if self.foundation is not None:
            self.foundation.kill()
