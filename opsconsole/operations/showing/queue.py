"""The queue in numbers: messages and workers of each cluster, and the runs behind them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django_q.models import OrmQ, Schedule, Success

from opsconsole.operations import workers
from opsconsole.operations.models import Run
from opsconsole.operations.showing import missing, movement
from opsconsole.operations.states import UNDECIDED, WORKING, State
from opsconsole.web import formats

PATIENCE = timedelta(seconds=8)  # a supervisor starts what ended within about two
SHOWN = 10  # runs that wait longest
SWEEP = "opsconsole.operations.sweep.sweep"
UNFINISHED = (*WORKING, *UNDECIDED, State.PAUSED)
# State -> since when a run is in it; for others: since it was planned.
SINCE = {
    State.PLANNED: F("planned_at"),
    State.AWAITING: F("asked_at"),
    State.QUEUED: F("queued_at"),
    State.APPLYING: F("started_at"),
    State.PAUSED: F("paused_at"),
    State.WAITING: F("waiting_since"),
    State.VERIFYING: F("started_at"),
}


class Messages(NamedTuple):
    """What stands in one queue."""

    waiting: int
    taken: int  # a worker is at them
    oldest: datetime | None  # of those that wait


NO_MESSAGES = Messages(0, 0, None)


@dataclass(frozen=True)
class ClusterState:
    """One queue and those who serve it."""

    name: str
    messages: Messages
    alive: list[workers.Cluster]
    configured: int  # workers of one such cluster
    held: int  # runs
    missed: timedelta  # how long nobody was seen, as far as anybody looked
    now: datetime

    @property
    def workers(self) -> int:
        return sum(cluster.workers for cluster in self.alive)

    @property
    def places(self) -> str:
        """Where they live; empty where nobody does."""
        hosts = {cluster.host for cluster in self.alive}
        return f"on {', '.join(sorted(hosts))}" if hosts else ""

    @property
    def configured_note(self) -> str:
        """Of how many: each living cluster should have as many as are configured."""
        return f"of {formats.number(self.configured * max(len(self.alive), 1))}"

    @property
    def oldest(self) -> str:
        """The age of the message that waits longest; empty where none does."""
        oldest = self.messages.oldest
        return f"the oldest for {formats.duration(self.now - oldest)}" if oldest else ""

    @property
    def problem(self) -> str:
        """That nobody serves the queue, and what waits for it."""
        waiting = self.messages.waiting
        said = (
            "a message waits"
            if waiting == 1
            else f"{formats.number(waiting)} messages wait"
        )
        waits = f": {said}" if waiting else ""
        return f"No worker of the cluster {self.name} is alive{waits}"

    @property
    def is_gone(self) -> bool:
        """Whether a supervisor would have started a worker again by now."""
        return not self.alive and self.missed >= PATIENCE

    @property
    def level(self) -> str:
        """Of the note that says so."""
        return "critical" if self.is_gone else "warning"

    @property
    def advice(self) -> str:
        """What to do when nobody serves the queue; empty while somebody does."""
        if self.alive:
            return ""
        if not self.is_gone:
            return (
                "Workers are started again within seconds of their end. This page looks"
                f" again by itself; after {formats.duration(PATIENCE)} it says what to do."
            )
        emergencies = (
            " An emergency goes on from its own page meanwhile: keep that open."
            if self.name == "urgent"
            else ""
        )
        return (
            "Nothing is lost: what waits is taken up as soon as a worker is there. Start"
            f" “manage.py {'up' if settings.SANDBOX else 'serve'}” again, or this cluster alone:"
            f" “Q_CLUSTER_NAME={self.name} manage.py worker”.{emergencies}"
        )


@dataclass(frozen=True)
class StateCount:
    """How many runs are in a state, and for how long the first of them."""

    state: State
    runs: int
    since: datetime | None


@dataclass(frozen=True)
class Wait:
    """A run that somebody must move on."""

    run: Run
    since: datetime
    sentences: list[str]


def clusters(now: datetime) -> list[ClusterState]:
    """Each cluster, those that should live included."""
    living = workers.living()
    since = missing.since(now, {name for name in living if not living[name]})
    messages = _messages(now)
    held = _held()
    return [
        ClusterState(
            name=name,
            messages=messages.get(name, NO_MESSAGES),
            alive=living[name],
            configured=workers.configured(name),
            held=held.get(name, 0),
            missed=now - since.get(name, now),
            now=now,
        )
        for name in workers.CLUSTERS
    ]


def by_state() -> list[StateCount]:
    """The unfinished runs, counted; states without any included."""
    counted = _since(Run.objects.filter(state__in=UNFINISHED)).values_list("state")
    found = {
        state: (runs, first)
        for state, runs, first in counted.annotate(Count("pk"), Min("since"))
    }
    return [
        StateCount(state, *found.get(state.value, (0, None))) for state in UNFINISHED
    ]


def longest_waits(now: datetime) -> list[Wait]:
    """Unfinished runs that no worker holds, the longest wait first, with who moves them."""
    idle = Run.objects.filter(state__in=UNFINISHED).exclude(lease_until__gt=now)
    runs = _since(idle).select_related(*movement.PEOPLE).defer("summary", "facts")
    return [
        Wait(run, run.__dict__["since"], movement.sentences(run, now))
        for run in runs.order_by("since", "pk")[:SHOWN]
    ]


def last_sweep(now: datetime) -> dict[str, datetime | None]:
    """When the queue itself swept last, and will again.

    That is the fallback; the supervisor sweeps every two seconds and leaves no trace.
    """
    done = Success.objects.filter(func=SWEEP).order_by("-stopped").first()
    planned = Schedule.objects.filter(func=SWEEP).first()
    return {
        "last": done.stopped if done else None,
        "next": max(planned.next_run, now) if planned else None,
    }


def _messages(now: datetime) -> dict[str, Messages]:
    """By cluster. A lock in the future is that of the worker that took the message."""
    waits = Q(lock__lte=now)
    counts = (
        Count("pk", filter=waits),
        Count("pk", filter=~waits),
        Min("lock", filter=waits),
    )
    named = dict(zip(Messages._fields, counts, strict=True))
    rows = OrmQ.objects.values("key").annotate(**named)
    return {row.pop("key"): Messages(**row) for row in rows}


def _held() -> dict[str, int]:
    rows = Run.objects.held().values("cluster").annotate(runs=Count("pk"))
    return {row["cluster"]: row["runs"] for row in rows}


def _since(runs: "QuerySet[Run]") -> Any:
    """With `since`, when each came into its state."""
    whens = [When(state=state, then=moment) for state, moment in SINCE.items()]
    return runs.annotate(since=Coalesce(Case(*whens), "created_at"))
