"""What needs attention, one line each; what is well says so too."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from opsconsole.operations.guards import share
from opsconsole.platform.contract import Contract
from opsconsole.web.formats import number

MANY_REPEATEDLY = 10  # repositories; below that it is theirs, from there on it is ours
SOME_OVERDUE, MANY_OVERDUE = 0.05, 0.2  # of all tracked repositories
LEVELS = ("critical", "warning", "ok")


@dataclass(frozen=True)
class Attention:
    """A line of the list. What is well needs its sentence alone."""

    level: str  # one of LEVELS
    text: str
    address: str
    link: str
    explanation: str = ""

    @property
    def url(self) -> str:
        return "" if self.level == "ok" else self.address

    @property
    def detail(self) -> str:
        return "" if self.level == "ok" else self.explanation


def heaviest_first(lines: list[Attention]) -> list[Attention]:
    return sorted(lines, key=lambda line: LEVELS.index(line.level))


def said(count: int, none: str, one: str, several: str) -> str:
    """The start of a sentence: `No run`, `1 run`, `1 204 runs`."""
    if not count:
        return none
    return f"1 {one}" if count == 1 else f"{number(count)} {several}"


def of_syncs(counts: dict[str, int]) -> Iterator[Attention]:
    """What the platform's rows say; counts as `conditions.how_many`."""
    health = reverse("workspaces:sync_health")
    repeatedly, failed = counts["failing_repeatedly"], counts["failed"]
    yield Attention(
        _level(repeatedly > 0, many=repeatedly >= MANY_REPEATEDLY),
        said(repeatedly, "No repository fails", "repository fails", "repositories fail")
        + " repeatedly.",
        f"{health}?condition=failing_repeatedly",
        "Look at them",
        "More than three attempts in a row ended in an exception.",
    )
    yield Attention(
        _level(failed > 0),
        said(failed, "No repository", "repository", "repositories")
        + " failed at the last sync.",
        health,
        "Look at them",
        "A reset makes them due again and clears the error.",
    )
    yield _overdue(counts["overdue"], counts["total"], health)
    unscheduled = counts["never_scheduled"]
    yield Attention(
        _level(unscheduled > 0),
        said(unscheduled, "No repository is", "repository is", "repositories are")
        + " without a next sync.",
        f"{health}?condition=never_scheduled",
        "Look at them",
        "The sync function never takes a row without one.",
    )


def of_contract(contract: Contract) -> Attention:
    """Whether the platform looks as the console expects."""
    worst = next(iter(contract.deviations), None)
    level = str(contract.level)
    why = worst.sentence if worst else ""
    url = reverse("platform:contract")
    return Attention(level, contract.summary, url, "See the contract", why)


def _overdue(overdue: int, total: int, health: str) -> Attention:
    part = overdue / total if total else 0
    start = said(overdue, "No repository is", "repository is", "repositories are")
    end = f"overdue, {share(overdue, total)} of all." if overdue else "overdue."
    return Attention(
        _level(part > SOME_OVERDUE, many=part > MANY_OVERDUE),
        f"{start} {end}",
        f"{health}?condition=overdue",
        "Look at them",
        "A schedule should have taken them: quiet, or refused by GitHub.",
    )


def _level(some: bool, *, many: bool = False) -> str:
    return "critical" if many else "warning" if some else "ok"
