"""One `up` at a time over one state directory."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunningError(Exception):
    """Somebody else holds the lock; the message is what they wrote into it."""


@contextlib.contextmanager
def held(path: Path, note: str = "") -> Iterator[None]:
    """Hold the lock file and leave our process id and a note in it, or raise AlreadyRunningError.

    The kernel releases it with its process, so a file left over by a crash does no harm.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise AlreadyRunningError(file.read().strip()) from error
        file.truncate(0)
        file.write(f"process {os.getpid()}{note}")
        file.flush()
        yield
