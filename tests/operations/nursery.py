"""Worker processes for tests, killed or stopped at a place of our choice.

`python -m tests.operations.nursery` has everything loaded and forks a worker in an
instant for each line that it reads; it never opens a database itself. A worker is a
process like django-q's: its own connections, and it can be killed at any instant.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

ENGINE = "opsconsole.operations.engine"
WORK = "opsconsole.operations.tasks.work"


@dataclass(frozen=True)
class Place:
    """A place in the code: just before or after the nth call of a function."""

    function: str  # dotted path, as the caller looks it up
    when: str = "before"
    nth: int = 1


class Nursery:
    """The test's side: start workers, wait for them, kill and continue them."""

    def __init__(self) -> None:
        self.workers: set[int] = set()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.operations.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(
        self,
        run: int,
        place: Place | None = None,
        sign: str = "KILL",
        *,
        do: str = WORK,
        patches: dict[str, Any] | None = None,
    ) -> int:
        """A worker for this run; it sends itself the signal at the place. Its pid."""
        order = {"do": do, "args": [run], "patches": patches or {}}
        if place is not None:
            order["place"] = [place.function, place.when, place.nth, sign]
        pid = int(self._ask(order))
        self.workers.add(pid)
        return pid

    def wait(self, pid: int) -> str:
        """How it ended: "killed", "stopped", or "said …" with what `work()` answered."""
        said = str(self._ask({"wait": pid}))
        if said != "stopped":
            self.workers.discard(pid)
        return said

    def work(self, run: int, place: Place | None = None, **more: Any) -> str:
        return self.wait(self.start(run, place, **more))

    def clear(self) -> None:
        """Leave no worker behind, stopped or not."""
        for pid in [*self.workers]:
            os.kill(pid, signal.SIGKILL)
            self.wait(pid)

    def stop(self) -> None:
        self.process.communicate(timeout=10)

    def _ask(self, order: dict[str, Any]) -> Any:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Forks:
    """The nursery's side."""

    def __init__(self) -> None:
        self.answers: dict[int, int] = {}  # pid -> where it writes its last word

    def fork(self, order: dict[str, Any]) -> int:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            self.answers[pid] = reading
            return pid
        try:
            os.write(writing, str(_live(order)).encode()[:4000])
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode()[:4000])
        os._exit(0)

    def wait(self, pid: int) -> str:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return "stopped"
        said = os.read(self.answers[pid], 4000).decode()
        os.close(self.answers.pop(pid))
        return "killed" if os.WIFSIGNALED(status) else f"said {said}"


def _live(order: dict[str, Any]) -> Any:
    for path, value in order["patches"].items():
        owner, name = _owner(path)
        setattr(owner, name, value)
    if "place" in order:
        _halt_at(*order["place"])
    owner, name = _owner(order["do"])
    return getattr(owner, name)(*order["args"])


def _halt_at(path: str, when: str, nth: int, sign: str) -> None:
    owner, name = _owner(path)
    function, calls = getattr(owner, name), 0

    def halting(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        mine = calls == nth
        if mine and when == "before":
            os.kill(os.getpid(), getattr(signal, f"SIG{sign}"))
        result = function(*args, **kwargs)
        if mine and when == "after":
            os.kill(os.getpid(), getattr(signal, f"SIG{sign}"))
        return result

    setattr(owner, name, halting)


def _owner(path: str) -> tuple[Any, str]:
    """The module or class in which the last name of a dotted path lives."""
    parts = path.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            owner = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:-1]:
            owner = getattr(owner, part)
        return owner, parts[-1]
    raise LookupError(path)


def main() -> None:
    import django

    django.setup()
    from opsconsole.operations import sweep, tasks  # noqa: F401  loaded before the forks
    from opsconsole.supervisor.tether import tether_forks
    from tests.operations import demonstration

    demonstration.install()
    tether_forks()
    forks = Forks()
    for line in sys.stdin:
        order = json.loads(line)
        answer = forks.wait(order["wait"]) if "wait" in order else forks.fork(order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
