"""Faults that a test or a demonstration can switch on: POST /_faults, DELETE /_faults?of=PATTERN.

    {"repository": "acme/app", "fault": "404"}
    {"repository": "acme/*", "fault": "slow", "seconds": 3, "times": 2}
    {"endpoint": "PUT /repos/*/disable", "status": 429, "headers": {"retry-after": "2"}}
    {"endpoint": "POST /functions/*", "status": 504, "done": "half"}
    {"endpoint": "POST */dispatches", "lost": true, "done": "all"}
    {"endpoint": "GET /rate_limit", "status": 0, "seconds": 3}

An endpoint does nothing before it fails unless `done` says so. A repository's fault is the HTTP status of its first page of issues or a word of FAULTS.
Patterns are those of a shell. Without `times` a fault stays until it is cleared.
"""

import threading
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import NamedTuple

from opsconsole.sandbox.standin.answers import Json

FAULTS = {
    "bad_issues": "issues have no title, so that storing them fails",
    "empty": "nothing is new",
    "exception": "the connection breaks",
    "later_pages": "the second page and those after it answer 502",
    "not_json": "the answer is a page of HTML",
    "null_assignees": "issues have no list of assignees",
    "only_prs": "what is new are pull requests",
    "slow": "the answer takes `seconds`",
}


class FaultError(ValueError):
    """Not a fault; the message says what is."""


class Fault(NamedTuple):
    """A fault of a repository, with `fault`, or of an endpoint, with `status` and so on."""

    repository: str = ""
    fault: str = ""
    endpoint: str = ""  # a path, or method and path
    status: int = 500  # 0: the right answer
    body: Json | None = None  # without one, what the service usually says
    headers: dict[str, str] = {}
    seconds: float = 0.0  # an endpoint waits so long before it answers
    done: str = ""  # half (of the rows, by the sync function) or all, before it fails
    lost: bool = False  # the connection breaks instead of an answer
    times: int | None = None


class Faults:
    """The faults that are on, the newest first; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, wanted: Json) -> None:
        """Switch a fault on. Raises FaultError."""
        if wanted.keys() - set(Fault._fields):
            raise FaultError(f"a fault has {', '.join(Fault._fields)}")
        fault = Fault(**wanted)
        if bool(fault.repository) == bool(fault.endpoint):
            raise FaultError("a fault has either a repository or an endpoint")
        if fault.repository and not (fault.fault in FAULTS or fault.fault.isdigit()):
            raise FaultError(f"a fault is an HTTP status or one of {', '.join(FAULTS)}")
        if fault.done not in ("", "half", "all"):
            raise FaultError("done is half or all")
        with self._lock:
            self._faults.insert(0, fault)

    def clear(self, of: str = "") -> None:
        """Switch all off, or those with exactly this pattern."""
        with self._lock:
            self._faults = [
                fault
                for fault in self._faults
                if of and of not in (fault.repository, fault.endpoint)
            ]

    def listed(self) -> list[Json]:
        """Return what is on, with how often it still applies."""
        with self._lock:
            return [fault._asdict() for fault in self._faults]

    def of_repository(self, full_name: str) -> Fault | None:
        """Return the fault of a repository, and count it as used."""
        return self._use(lambda fault: fnmatchcase(full_name, fault.repository))

    def of_endpoint(self, method: str, path: str) -> Fault | None:
        """Return the fault of an endpoint, and count it as used."""
        names = (path, f"{method} {path}")
        return self._use(
            lambda fault: any(fnmatchcase(name, fault.endpoint) for name in names)
        )

    def _use(self, matches: Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            found = next((fault for fault in self._faults if matches(fault)), None)
            if found is None or found.times is None:
                return found
            position = self._faults.index(found)
            left = found._replace(times=found.times - 1)
            self._faults[position : position + 1] = [left] if left.times else []
            return found
