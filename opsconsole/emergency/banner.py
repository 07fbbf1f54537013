"""On every page while everything is stopped: who, why, since when, and whether it holds."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.emergency import proof, stop
from opsconsole.web import formats
from opsconsole.web.notices import Banner

MAY_LOOK = "operations.view_run"


def banners(user: User) -> Iterator[Banner]:
    """For everybody who has signed in; the link for who may open the panel."""
    held = stop.current()
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
