"""The operation that helps with a diagnosis or a flag, where this person may run it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from opsconsole.accounts.models import User
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.platform import diagnosis, flags
from opsconsole.platform.selection import RowSelection, WorkspaceSelection


@dataclass(frozen=True)
class Suggestion:
    """An operation as a page offers it."""

    slug: str
    title: str
    icon: str

    def url(self, **params: Any) -> str:
        """Its plan form, filled in. Lists are repeated, selections become text."""
        address = reverse("operations:plan", args=[self.slug])
        texts = {name: _text(value) for name, value in params.items()}
        query = urlencode(texts, doseq=True)
        return f"{address}?{query}" if query else address


def for_word(user: User | AnonymousUser, word: str) -> Suggestion | None:
    """What helps with this diagnosis. Raises KeyError for no such word."""
    return of(user, diagnosis.BY_WORD[word].remedy)


def for_flag(user: User | AnonymousUser, flag: str) -> Suggestion | None:
    """What helps with this flag. Raises KeyError for no such flag."""
    return of(user, flags.BY_WORD[flag].remedy)


def of(user: User | AnonymousUser, slug: str) -> Suggestion | None:
    """None while there is no such operation, it is switched off or not for this person."""
    operation = OPERATIONS.get(slug)
    if operation is None or not user.has_perm(operation.permission()):
        return None
    if availability.of(operation).obstacles:
        return None
    return Suggestion(slug, operation.title, operation.icon)


def _text(value: Any) -> Any:
    selections = (RowSelection, WorkspaceSelection)
    return value.as_text() if isinstance(value, selections) else value
