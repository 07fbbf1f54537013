"""The panel's actions: which operation each one plans, how, and why it cannot be used."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from opsconsole.accounts.models import User
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog import OPERATIONS, Operation

NO_RIGHT = "Your role may look but not act: ask an operator."


@dataclass(frozen=True)
class Way:
    """An action of the panel: an operation, and what an emergency wants beside the usual."""

    slug: str
    label: str
    what: str
    given: dict[str, bool] = field(default_factory=dict)  # ticks of its form

    @property
    def operation(self) -> type[Operation]:
        return OPERATIONS[self.slug]

    @property
    def form_url(self) -> str:
        """The form that plans it differently; empty when there is nothing to choose."""
        if not self.operation.Form.base_fields:
            return ""
        address = reverse("operations:plan", args=[self.slug])
        ticked = {name: "on" for name, on in self.given.items() if on}
        return f"{address}?{urlencode(ticked)}" if ticked else address

    @property
    def params(self) -> dict[str, Any]:
        """As its form would have them: what is usual, and what an emergency wants."""
        return {**(self.operation().usual() or {}), **self.given}


WAYS = {
    way.slug: way
    for way in (
        Way(
            "stop-all-syncs",
            "Stop all syncs",
            "Takes every repository out of the sync, what is due first, and switches the"
            " workflow on GitHub off. Resuming puts back exactly what was on.",
        ),
        Way(
            "double-intervals",
            "Slow down",
            "Doubles every interval, at least 48 h, and puts off what is due, so that it"
            " relieves at once.",
            given={"relief": True},
        ),
        Way(
            "limit-free-tier",
            "Limit the free tier",
            "Pauses all repositories of 50 free workspaces, the lowest priority first."
            " Paying customers go on.",
        ),
    )
}


@dataclass(frozen=True)
class Offer:
    """A way, and the sentences that say why this person cannot take it now."""

    way: Way
    obstacles: list[str]


def offers(user: User) -> list[Offer]:
    return [Offer(way, obstacles(way, user)) for way in WAYS.values()]


def obstacles(way: Way, user: User) -> list[str]:
    """Why it cannot be used; empty when it can."""
    if not user.has_perm(way.operation.permission()):
        return [NO_RIGHT]
    return availability.of(way.operation).obstacles
