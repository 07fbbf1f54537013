"""Faults that a test or a demonstration can switch on: POST /_faults, DELETE /_faults.

    {"repository": "acme/app", "fault": "404"}
    {"repository": "acme/*", "fault": "slow", "seconds": 3, "times": 2}
    {"endpoint": "PUT /repos/*/disable", "status": 429, "headers": {"retry-after": "2"}}
    {"quota": 40}

A repository's fault is an HTTP status of its first page of issues, or one of the words
of FAULTS. Without `times` a fault lasts until it is cleared.
"""

import threading
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from opsconsole.sandbox.standin.answers import Answer, Request

FAULTS = {
    "bad_issues": "every issue lacks its title, so that storing it fails",
    "empty": "nothing new",
    "exception": "the connection breaks",
    "later_pages": "the second page and those after it answer 502",
    "not_json": "the answer is a page of HTML",
    "null_assignees": "issues have no list of assignees",
    "only_prs": "what is new are pull requests",
    "slow": "the answer takes `seconds`, 1 by default",
}


class Fault(NamedTuple):
    """One fault; which fields matter depends on whether it names a repository or an endpoint."""

    repository: str = ""
    fault: str = ""
    endpoint: str = ""
    status: int = 500
    body: Any = None
    headers: dict[str, str] = {}
    seconds: float = 1.0
    times: int | None = None


class FaultError(ValueError):
    """A fault that does not exist; the message says which do."""


class Faults:
    """The faults that are on, the newest first; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, wanted: dict[str, Any]) -> None:
        """Switch a fault on. Raises FaultError."""
        unknown = wanted.keys() - set(Fault._fields)
        if unknown or not (wanted.get("repository") or wanted.get("endpoint")):
            raise FaultError(f"a fault has {', '.join(Fault._fields)}; one of repository, endpoint")
        fault = Fault(**wanted)
        if fault.repository and fault.fault not in FAULTS and not fault.fault.isdigit():
            raise FaultError(f"a fault is an HTTP status or one of {', '.join(FAULTS)}")
        with self._lock:
            self._faults.insert(0, fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        """Return what is on, with how often it still applies."""
        with self._lock:
            return [fault._asdict() for fault in self._faults]

    def of_repository(self, full_name: str) -> Fault | None:
        """Return the fault of this repository, used once more."""
        return self._take(lambda fault: _matches(full_name, fault.repository))

    def of_request(self, request: Request) -> Answer | None:
        """Return what a faulty endpoint answers; its `seconds` are for the caller to wait."""
        method_and_path = f"{request.method} {request.path}"
        fault = self._take(
            lambda fault: _matches(request.path, fault.endpoint)
            or _matches(method_and_path, fault.endpoint)
        )
        return fault and Answer(fault.status, fault.body, fault.headers)

    def _take(self, wanted: Any) -> Fault | None:
        with self._lock:
            for position, fault in enumerate(self._faults):
                if wanted(fault):
                    if fault.times is not None:
                        self._faults[position] = fault._replace(times=fault.times - 1)
                        if fault.times <= 1:
                            del self._faults[position]
                    return fault
        return None


def _matches(name: str, pattern: str) -> bool:
    return bool(pattern) and fnmatchcase(name, pattern)
