"""Who holds a data directory: the queue of its starters, and the server that lives in it."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from opsconsole.sandbox.places import lock_file

PAUSE = 0.02  # seconds between two looks


@contextlib.contextmanager
def queue(data: Path) -> Iterator[None]:
    """Hold the lock of this directory's starters.

    Who waited while the file was deleted has locked nothing, and queues at the new one.
    """
    path = lock_file(data)
    while True:
        with path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists() and os.fstat(lock.fileno()).st_ino == path.stat().st_ino:
                yield
                return


def holder(data: Path) -> int | None:
    """Return the process id of the living server of this directory.

    The number in the file proves nothing: after a crash or a reboot it may be anyone's.
    A server's command line names its directory; that of a zombie is empty.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return None
    return pid if os.fsencode(data) in arguments else None


def stop_holder(data: Path, patience: float) -> bool:
    """Shut the living server down, whoever started it; tell whether it is gone in time."""
    if pid := holder(data):
        os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + patience
    while holder(data) is not None and time.monotonic() < deadline:
        time.sleep(PAUSE)
    return holder(data) is None


def drop_stale(data: Path, socket: Path) -> None:
    """Delete the lock files of a server that is gone: PostgreSQL would believe a re-used id.

    Without /proc nobody can tell; then PostgreSQL decides by itself.
    """
    if Path("/proc/self").exists() and holder(data) is None:
        for lock in (data / "postmaster.pid", socket / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)
