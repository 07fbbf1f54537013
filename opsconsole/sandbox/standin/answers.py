"""What the stand-in answers to one request."""

from datetime import UTC, datetime
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """Status, JSON body (None: empty) and headers of a response."""

    status: int
    body: Any = None
    headers: dict[str, str] = {}


class Request(NamedTuple):
    """Method, path without query, parameters of the query (the last of each), headers, body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: str


def iso(moment: datetime) -> str:
    """Return a moment as both services print it: UTC, whole seconds, a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
