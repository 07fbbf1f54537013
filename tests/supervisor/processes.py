"""What the tests need to know about other processes, read from /proc."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def wait_until(true: Callable[[], object], seconds: float = 10.0) -> None:
    """Fail unless it becomes true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return status != "Z"


def family(pid: int) -> set[int]:
    """The process and all its living descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(entry.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, its in parents.items() if its in found} - found:
        found |= more
    return {member for member in found if lives(member)}


def environment(**more: str) -> dict[str, str]:
    """Ours without what the test run set for itself."""
    foreign = ("OPSCONSOLE_", "PLATFORM_", "DATABASE_URL", "Q_CLUSTER", "DJANGO_")
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign)
    }
    return ours | more


def parent(pid: int) -> int:
    """The parent's id, 0 when the process is gone."""
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


def command_line(pid: int) -> str:
    return _read(pid, "cmdline").replace("\0", " ")


def variable(pid: int, name: str) -> str:
    """A variable of another process's environment, empty if we may not see it."""
    lines = _read(pid, "environ").split("\0")
    return dict(line.partition("=")[::2] for line in lines).get(name, "")


def _read(pid: int, file: str) -> str:
    try:
        return Path(f"/proc/{pid}/{file}").read_bytes().decode(errors="replace")
    except OSError:
        return ""
