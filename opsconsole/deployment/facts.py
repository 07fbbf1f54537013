"""What a check tells: a fact with its state, where it comes from, and what puts it right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations.catalog import OPERATIONS

GITHUB, SUPABASE = "GitHub", "Supabase"
CATALOGS, ROWS = "the platform's catalogs", "the platform's rows"
HISTORY, SETTINGS = "this console's history", "this console's settings"

Given = Mapping[str, str | bool | list[str]]  # a form's fields; True is a tick


class State(StrEnum):
    """How it is; MISSING and WRONG are to be put right."""

    FINE = "fine"
    NOTE = "note"  # worth knowing, and nothing to put right
    UNKNOWN = "unknown"
    WRONG = "wrong"
    MISSING = "missing"

    @property
    def is_bad(self) -> bool:
        return self in (State.WRONG, State.MISSING)


@dataclass(frozen=True)
class Fix:
    """The operation that puts it right, with what its form is filled in with."""

    label: str
    slug: str
    given: Given = field(default_factory=dict)

    @property
    def url(self) -> str:
        address = reverse("operations:plan", args=[self.slug])
        filled = {
            name: "on" if value is True else value for name, value in self.given.items()
        }
        query = urlencode(filled, doseq=True)
        return f"{address}?{query}" if query else address

    def is_for(self, user: User) -> bool:
        """Whether this person may run the operation."""
        return user.has_perm(OPERATIONS[self.slug].permission())


@dataclass(frozen=True)
class Fact:
    """One thing that is so, or that nobody can say."""

    name: str
    state: State
    sentence: str
    source: str
    remedy: str = ""  # a sentence: what to do where no operation does it
    fix: Fix | None = None
    link: str = ""  # where more is to be seen: an address here or at the service
    link_words: str = "Look there"
    at: datetime = field(default_factory=timezone.now)  # when it was so

    @property
    def level(self) -> str:
        """The level of the page's design that its state has."""
        return LEVELS[self.state]


LEVELS = {
    State.FINE: "ok",
    State.NOTE: "info",
    State.UNKNOWN: "unknown",
    State.WRONG: "warning",
    State.MISSING: "critical",
}
