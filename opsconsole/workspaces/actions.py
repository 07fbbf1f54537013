"""What a person may do with the rows of a page: each leads to a plan, none changes a row."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.middleware.csrf import get_token

from opsconsole.operations.asking import suggest
from opsconsole.operations.asking.suggest import Suggestion
from opsconsole.platform import diagnosis, flags
from opsconsole.web.http import OperatorRequest

# What is done with many rows at once, the most frequent first.
BULK = (
    "reset-failed-sync",
    "force-sync",
    "retry-now",
    "set-interval",
    "set-priority",
)
WITH_A_WORKSPACE = (
    "force-sync",
    "retry-now",
    "set-interval",
    "set-priority",
    "raise-retention",
    "pause-workspace",
    "resume-workspace",
)
WITH_A_REPOSITORY = (
    "force-sync",
    "retry-now",
    "reset-failed-sync",
    "set-interval",
    "set-priority",
    "set-retention",
    "set-notes",
    "pause-repository",
    "resume-repository",
)


class Actions:
    """The operations that there are for this person, each looked up once."""

    def __init__(self, request: OperatorRequest) -> None:
        self.request = request
        self.user: Any = request.user
        self.known: dict[str, Suggestion | None] = {}

    @cached_property
    def csrf_token(self) -> str:
        return get_token(self.request)

    def of(self, slug: str) -> Suggestion | None:
        if slug not in self.known:
            self.known[slug] = suggest.of(self.user, slug)
        return self.known[slug]

    def for_word(self, word: str) -> Suggestion | None:
        """What the diagnosis suggests."""
        return self.of(diagnosis.BY_WORD[word].remedy)

    def for_flag(self, flag: str) -> Suggestion | None:
        """What the flag suggests."""
        return self.of(flags.BY_WORD[flag].remedy)

    def menu(self, slugs: Iterable[str], **params: Any) -> list[dict[str, str]]:
        """The links of components/action_menu.html, for what `params` choose."""
        offered = [found for slug in slugs if (found := self.of(slug))]
        return [
            {
                "label": f"{action.title}…",
                "url": action.url(**params),
                "icon": action.icon,
            }
            for action in offered
        ]

    @cached_property
    def bulk(self) -> list[dict[str, Any]]:
        """The buttons of components/selection_bar.html; none for who may do nothing."""
        offered = [found for slug in BULK if (found := self.of(slug))]
        return [
            {
                "label": f"{action.title}…",
                "url": action.url(),
                "icon": action.icon,
                "primary": action is offered[0],
            }
            for action in offered
        ]
