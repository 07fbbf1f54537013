"""Requests to the stand-in and its answers."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

Json = dict[str, Any]
REFUSED = ("", "wrong")  # tokens that nobody accepts


class Request(NamedTuple):
    """A request; of a repeated parameter or header the last one counts."""

    method: str
    path: str  # without the query
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: str


class Answer(NamedTuple):
    """Status, body (a dict is sent as JSON, None as nothing) and headers of a response."""

    status: int
    body: Json | list[Json] | str | None = None
    headers: dict[str, str] = {}


class ScriptError(Exception):
    """JavaScript of the sync function threw; the message is what it would say."""


def iso(moment: datetime) -> str:
    """Return a moment as GitHub prints it: UTC, whole seconds, a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
