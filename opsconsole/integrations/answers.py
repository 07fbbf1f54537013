"""An answer of a service, and how its JSON is read: by name and type, never by trust."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from opsconsole.integrations.errors import Json, NotUnderstood
from opsconsole.integrations.service import Service

MOST_ITEMS = 5_000  # of a list; the rest is not read
LONGEST_TEXT = 10_000  # characters
SECONDS = 1e11  # of the epoch are fewer until the year 5138
Value = TypeVar("Value")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # in PostgreSQL's text


@dataclass(frozen=True)
class Receipt:
    """That a call was made and answered, for the journal."""

    status: int
    request_id: str
    milliseconds: int

    def as_json(self) -> Json:
        return {
            "status": self.status,
            "request_id": self.request_id,
            "milliseconds": self.milliseconds,
        }


@dataclass(frozen=True)
class Answer:
    """A whole answer; header names in lower case."""

    service: Service
    request: str  # method and path, to be named in sentences
    headers: Mapping[str, str]
    content: bytes
    whole: bool  # whether the content is all of it
    receipt: Receipt

    @property
    def status(self) -> int:
        return self.receipt.status

    def fields(self) -> "Fields":
        """The body as a JSON object. Raises NotUnderstood."""
        return Fields(self, "the answer", self._json())

    def items(self) -> "list[Fields]":
        """The body as a JSON list of objects. Raises NotUnderstood."""
        return self._objects("the answer", self._json())

    def not_understood(self, what: str) -> NoReturn:
        """Raise NotUnderstood, which says what is wrong with the answer."""
        sentence = (
            f"{self.service.name} answered {self.request} with {self.status}, but the console "
            f"does not understand it: {what}. Look at {self.service.name} itself."
        )
        raise NotUnderstood(
            sentence,
            service=self.service.name,
            status=self.status,
            request_id=self.receipt.request_id,
        )

    def _json(self) -> Any:
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            self.not_understood("it is not JSON")

    def _objects(self, name: str, value: Any) -> "list[Fields]":
        if not isinstance(value, list):
            self.not_understood(f"{name} is not a list")
        return [Fields(self, name, item) for item in value[:MOST_ITEMS]]


class Fields:
    """A JSON object: each reader raises NotUnderstood where name or type is not as known.

    Readers with `maybe_` give None for what is missing or null.
    """

    def __init__(self, answer: Answer, name: str, value: Any) -> None:
        if not isinstance(value, dict):
            answer.not_understood(f"{name} is not an object")
        self.raw: Json = value
        self._answer = answer

    def text(self, key: str) -> str:
        return self._known(key, self.maybe_text(key))

    def integer(self, key: str) -> int:
        return self._known(key, self.maybe_integer(key))

    def flag(self, key: str) -> bool:
        return self._known(key, self.maybe_flag(key))

    def moment(self, key: str) -> datetime:
        return self._known(key, self.maybe_moment(key))

    def maybe_text(self, key: str) -> str | None:
        value = self._of(key, str)
        return None if value is None else _storable(value)

    def maybe_integer(self, key: str) -> int | None:
        return self._of(key, int)

    def maybe_flag(self, key: str) -> bool | None:
        return self._of(key, bool)

    def maybe_number(self, key: str) -> float | None:
        whole = isinstance(self.raw.get(key), int)
        return self._of(key, int) if whole else self._of(key, float)

    def maybe_moment(self, key: str) -> datetime | None:
        """An ISO text, or seconds, milliseconds or microseconds of the epoch."""
        text = isinstance(self.raw.get(key), str)
        value = self._of(key, str) if text else self.maybe_number(key)
        try:
            return None if value is None else _moment(value)
        except (ValueError, OverflowError, OSError):
            self._wrong(key)

    def link(self, key: str) -> str:
        """An address to be shown as a link; empty for what is no web address."""
        value = self.maybe_text(key) or ""
        return value if value.startswith(("https://", "http://")) else ""

    def child(self, key: str) -> "Fields":
        return Fields(self._answer, f"“{key}”", self.raw.get(key))

    def children(self, key: str) -> "list[Fields]":
        return self._answer._objects(f"“{key}”", self.raw.get(key))

    def _of(self, key: str, kind: type[Value]) -> Value | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        return self._wrong(key)  # a bool would pass as an int

    def _known(self, key: str, value: Value | None) -> Value:
        return self._wrong(key) if value is None else value

    def _wrong(self, key: str) -> NoReturn:
        self._answer.not_understood(f"“{key}” is missing or of another kind")


def _moment(value: str | float) -> datetime:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    for _ in ("microseconds", "milliseconds"):
        if abs(value) > SECONDS:
            value /= 1000
    return datetime.fromtimestamp(value, UTC)


def _storable(text: str) -> str:
    """The text as PostgreSQL can store it, cut off where it is absurdly long."""
    return UNSTORABLE.sub("\ufffd", text[:LONGEST_TEXT])
