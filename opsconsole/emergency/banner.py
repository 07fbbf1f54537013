"""On every page while everything is stopped: who, why, since when, and whether it holds."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

from django.urls import reverse
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.emergency import proof, stop
from opsconsole.web import formats
from opsconsole.web.notices import Banner

MAY_LOOK = "operations.view_run"
LATE = (
    2.0  # seconds that a banner may be late where another process ended the stop's run
)


class Calm:
    """Remembers for a moment that nothing is or will be stopped, so that not every page asks."""

    def __init__(self) -> None:
        self._until = 0.0

    def current(self) -> stop.Stop | None:
        """The stop that holds now."""
        if monotonic() < self._until:
            return None
        held = stop.current()
        if held is None and stop.underway() is None:
            self._until = monotonic() + LATE
        return held

    def forget(self, **kwargs: Any) -> None:
        """A run has ended here, which may have stopped everything."""
        self._until = 0.0


CALM = Calm()


def banners(user: User) -> Iterator[Banner]:
    """For everybody who has signed in; the link for who may open the panel."""
    held = CALM.current()
    if held is None:
        return
    check = stop.newest_check(held)
    part = "" if held.is_whole else " in part"
    title = f"Syncs are stopped{part} since {formats.local(held.since)}"
    who = (
        f"By {held.first.requested_by.username}: {formats.cut(held.first.reason, 200)}"
    )
    text = f"{_sentence(who)} {proof.in_short(check, timezone.now())}"
    broken = check is not None and check.is_broken
    link = (f"{reverse('emergency:panel')}#holds", "Panel and resume")
    yield Banner(
        "critical" if broken else "warning",
        title,
        text,
        *(link if user.has_perm(MAY_LOOK) else ("", "")),
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
