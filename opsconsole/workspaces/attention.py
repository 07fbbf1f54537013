"""What needs attention, one line each; what is well says so too."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from opsconsole.operations.guards import share
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.platform.contract import Contract
from opsconsole.web.formats import number

MANY_REPEATEDLY = 10  # repositories. Runbook: "Alert: more than 10 failed repeatedly"
SOME_OVERDUE, MANY_OVERDUE = 0.05, 0.2  # of all tracked repositories
RECENT = timedelta(hours=24)
PATIENCE = timedelta(seconds=30)  # for a worker; one that lives takes a run in a second
LEVELS = ("critical", "warning", "ok")


@dataclass(frozen=True)
class Attention:
    """A line of the list: how bad, a sentence, and where to go if it is bad."""

    level: str  # one of LEVELS
    text: str
    address: str
    link: str
    detail: str = ""

    @property
    def url(self) -> str:
        return "" if self.level == "ok" else self.address


def heaviest_first(lines: list[Attention]) -> list[Attention]:
    return sorted(lines, key=lambda line: LEVELS.index(line.level))


def of_syncs(counts: dict[str, int]) -> Iterator[Attention]:
    """What the platform's rows say; counts as `conditions.how_many`."""
    health = reverse("workspaces:sync_health")
    repeatedly = counts["failing_repeatedly"]
    yield Attention(
        _level(repeatedly, 1, MANY_REPEATEDLY),
        _many(repeatedly, "repository fails", "repositories fail", "repeatedly"),
        f"{health}?condition=failing_repeatedly",
        "Look at them",
        "More than three attempts in a row ended in an exception.",
    )
    failed = counts["failed"]
    yield Attention(
        _level(failed, 1),
        _many(failed, "repository", "repositories", "failed at the last sync"),
        health,
        "Reset or look closer",
    )
    yield _overdue(counts["overdue"], counts["total"], health)
    unscheduled = counts["never_scheduled"]
    yield Attention(
        _level(unscheduled, 1),
        _many(unscheduled, "repository has", "repositories have", "no next sync"),
        f"{health}?condition=never_scheduled",
        "Look at them",
        "The sync function never takes a row without one." if unscheduled else "",
    )


def of_contract(contract: Contract) -> Attention:
    """Whether the platform looks as the console expects."""
    worst = next(iter(contract.deviations), None)
    level = str(contract.level)
    detail = worst.sentence if worst and level != "ok" else ""
    url = reverse("platform:contract")
    return Attention(level, contract.summary, url, "Platform contract", detail)


def of_runs(now: datetime) -> Iterator[Attention]:
    """Runs that wait for a person or went wrong in the last 24 hours."""
    recently = Q(finished_at__gte=now - RECENT)
    waiting = Q(state=State.PLANNED, expires_at__gt=now)
    counts = Run.objects.aggregate(
        waiting=Count("pk", filter=waiting),
        failed=Count("pk", filter=recently & Q(state=State.FAILED)),
        problems=Count("pk", filter=recently & Q(state=State.APPLIED_WITH_PROBLEMS)),
    )
    runs = reverse("operations:run_list")
    for name, state, bad, words in (
        ("failed", State.FAILED, "critical", "failed in the last 24 h"),
        (
            "problems",
            State.APPLIED_WITH_PROBLEMS,
            "warning",
            "ended with problems in the last 24 h",
        ),
        ("waiting", State.PLANNED, "warning", "planned and not yet confirmed"),
    ):
        level = bad if counts[name] else "ok"
        text = _many(counts[name], "run", "runs", words)
        yield Attention(level, text, f"{runs}?state={state.value}", "See the runs")


def of_queue(now: datetime) -> Attention:
    """Whether somebody takes the runs that were confirmed."""
    unserved = Run.objects.unheld(now).filter(state=State.QUEUED)
    waiting = unserved.filter(queued_at__lt=now - PATIENCE).count()
    words = f"over {PATIENCE.seconds} s for a worker"
    return Attention(
        "critical" if waiting else "ok",
        _many(waiting, "run waits", "runs wait", words),
        f"{reverse('operations:run_list')}?state={State.QUEUED.value}",
        "See the runs",
        "Is a worker running?" if waiting else "",
    )


def _overdue(overdue: int, total: int, health: str) -> Attention:
    part = overdue / total if total else 0
    words = f"overdue, {share(overdue, total)} of all" if overdue else "overdue"
    return Attention(
        "critical"
        if part > MANY_OVERDUE
        else "warning"
        if part > SOME_OVERDUE
        else "ok",
        _many(overdue, "repository is", "repositories are", words),
        f"{health}?condition=overdue",
        "Look at them",
        "A schedule should have taken them: quiet, or refused by GitHub."
        if overdue
        else "",
    )


def _level(count: int, some: int, many: float = float("inf")) -> str:
    return "critical" if count >= many else "warning" if count >= some else "ok"


def _many(count: int, one: str, several: str, words: str) -> str:
    """A sentence: `No run failed.`, `1 run failed.`, `1 204 runs failed.`"""
    start = f"No {one}" if not count else f"1 {one}" if count == 1 else ""
    return f"{start or f'{number(count)} {several}'} {words}."
