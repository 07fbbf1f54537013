from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from opsconsole.deployment.facts import GITHUB, Fact, State
from opsconsole.deployment.looking import SECONDS
from opsconsole.deployment.registry import check
from opsconsole.integrations import github
from opsconsole.web import formats

NAME = "GitHub's rate limit"
LITTLE, TOO_LITTLE = 500, 100  # calls left. Source: the platform's health-check.mts


@check(NAME, step=6, place=3, source=GITHUB)
def rate_limit() -> Iterator[Fact]:
    """How many calls are left to this console's own token?

    Runbook: "Check rate limit", whose command shows the quota of whoever types it. That
    of the function's token is shown to that token alone.
    """
    found = github.rate_limit(github.client(timeout=SECONDS))
    again = formats.relative(found.reset, timezone.now())
    sentence = (
        f"{found.remaining:,} of {found.limit:,} calls an hour are left to this console's"
        f" token, and all again {again}. The function spends another token's."
    )
    state = State.FINE if found.remaining >= LITTLE else State.NOTE
    remedy = ""
    if found.remaining < TOO_LITTLE:
        state, remedy = (
            State.WRONG,
            "Wait for that moment, or see who else uses the token.",
        )
    yield Fact(
        NAME,
        state,
        sentence,
        GITHUB,
        remedy=remedy,
        link=reverse("emergency:panel"),
        link_words="Trend and uses",
    )
