"""The checks, and the step of the runbook's quick start that each belongs to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from opsconsole.deployment.facts import Fact

STEPS = (
    "Deploy database changes",
    "Link existing workspaces",
    "Deploy the sync function",
    "Set secrets and variables",
    "Test the deployment",
    "Keep it running",
)  # Runbook: "Quick Start Deployment"; the last is its chapter on the schedule
Look = Callable[[], Iterator[Fact]]


@dataclass(frozen=True)
class Check:
    """One subject, looked at in a piece of the page of its own."""

    slug: str
    title: str
    step: str
    place: int  # within the step
    source: str  # whom it asks; named also where that says nothing
    look: Look


CHECKS: dict[str, Check] = {}


def check(
    title: str, *, step: int, place: int = 1, source: str
) -> Callable[[Look], Look]:
    """Register a function that yields at least one fact.

    It may raise ServiceError and Unread; `looking` makes facts of them. Its module's name
    is the check's slug, `step` counts from 1.
    """

    def register(look: Look) -> Look:
        slug = look.__module__.rpartition(".")[2]
        CHECKS[slug] = Check(slug, title, STEPS[step - 1], place, source, look)
        return look

    return register


def by_step() -> list[tuple[str, list[Check]]]:
    """Each step with its checks, in the order of the runbook."""
    checks = sorted(CHECKS.values(), key=lambda each: each.place)
    return [(step, [each for each in checks if each.step == step]) for step in STEPS]
