"""What the supervisor keeps running: processes, and anything else that can be started and die."""

import contextlib
import logging
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from opsconsole.supervisor.output import Output
from opsconsole.supervisor.tether import die_with

SETTLED = 10.0  # seconds; who lived longer is started again at once
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds; doubled from one to the other

logger = logging.getLogger("opsconsole.supervisor")


class StartError(Exception):
    """It could not be started; the message says why."""


class Kept(ABC):
    """Something that is started again whenever it is found dead.

    `care()` never waits: a delay is a moment in the future, so that one sick child
    does not keep the supervisor from the others.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.condemned = ""  # why it must be killed and started again, if it must
        self._running = False
        self._started_at = 0.0  # by the monotonic clock, like the next
        self._due_at = 0.0
        self._delay = 0.0

    @abstractmethod
    def start(self) -> None:
        """Start it, or raise StartError."""

    @abstractmethod
    def alive(self) -> bool:
        """Tell whether it runs. May be asked from any thread."""

    @abstractmethod
    def kill(self) -> str:
        """End whatever is left of it and tell how it ended: "ended with status 1"."""

    def uptime(self) -> float:
        """Seconds since the last start."""
        return time.monotonic() - self._started_at

    def care(self) -> None:
        """Notice its death, and start it when its time has come."""
        if self._running and self.condemned:
            self.kill()
            self._ended(self.condemned, delay=0.0)
        elif self._running and not self.alive():
            self._ended(self.kill(), delay=self._next_delay())
        if not self._running and time.monotonic() >= self._due_at:
            self._try_to_start()

    def launch(self) -> None:
        """Start it for the first time. Raises StartError."""
        self._started_at = time.monotonic()
        self.start()
        self._running = True

    def _try_to_start(self) -> None:
        try:
            self.launch()
        except StartError as error:
            self._ended(f"cannot start, {error}", delay=self._next_delay())

    def _ended(self, how: str, delay: float) -> None:
        self._running, self.condemned, self._delay = False, "", delay
        self._due_at = time.monotonic() + delay
        when = f"in {delay:g} s" if delay else "now"
        logger.warning("%s %s: starting it again %s", self.name, how, when)

    def _next_delay(self) -> float:
        if self.uptime() >= SETTLED:
            return 0.0
        return min(max(self._delay * 2, FIRST_DELAY), LONGEST_DELAY)


class Child(Kept):
    """A process in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone.

    It dies with the supervisor. Its processes form a group, which is swept after its
    main process has ended.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        output: Output,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(name)
        self.command = command
        self.output = output
        self.environment = {**os.environ, **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process. Only from the main thread: it dies with the thread that starts it."""
        supervisor = os.getpid()
        try:
            with self.output.opened(self.name) as output:
                self.process = self._spawn(output, supervisor)
        except OSError as error:
            raise StartError(f"{self.command[0]}: {error.strerror}") from error

    def alive(self) -> bool:
        """Look without burying: while the dead are unburied, no other process gets their number."""
        process = self.process  # the loop may forget it while another thread asks
        if process is None:
            return False
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, process.pid, look) is None
        except ChildProcessError:
            return False

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the main process only: django-q hangs if its whole group gets it."""
        if self.process is not None and self.alive():
            self.process.terminate()

    def kill(self) -> str:
        """Sweep the whole group, then bury the main process."""
        if self.process is None:
            return "is not running"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        status = self.process.wait()
        self.process = None
        if status < 0:
            return f"was killed by signal {-status}"
        return f"ended with status {status}"

    def _spawn(
        self, output: IO[bytes] | int, supervisor: int
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  (our own commands)
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: die_with(supervisor),
        )
