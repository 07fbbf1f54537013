"""Where the children's words go: a file for each, or our own standard error."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import IO, Protocol

LONGEST_LOG = 10_000_000  # bytes; then it becomes <name>.log.1 at the next start


class Output(Protocol):
    """Gives a starting child something to write to; the child keeps its own copy."""

    def opened(self, name: str) -> contextlib.AbstractContextManager[IO[bytes] | int]:
        """Return what the child of this name is to use as stdout and stderr."""


class Files:
    """`<folder>/<name>.log`, for a terminal that should stay readable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(name)
        if path.exists() and path.stat().st_size > LONGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as file:
            yield file

    def last_lines(self, name: str, count: int = 8) -> str:
        """The end of a child's log, for an error message."""
        with contextlib.suppress(OSError):
            text = self.path(name).read_text(errors="replace")
            return "\n".join(text.splitlines()[-count:])
        return ""


class StandardError:
    """Our own stderr with each line under the child's name, for systemd and containers."""

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[int]:
        reading, writing = os.pipe()
        Thread(target=_forward, args=(name, reading), daemon=True).start()
        try:
            yield writing
        finally:
            os.close(writing)


def _forward(name: str, reading: int) -> None:
    """Copy lines until the last writer is gone; keep reading when nobody listens to us."""
    with os.fdopen(reading, "rb") as lines:
        for line in lines:
            with contextlib.suppress(OSError):
                sys.stderr.buffer.write(f"{name}: ".encode() + line)
                sys.stderr.buffer.flush()
