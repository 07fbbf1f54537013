"""Runs of the workflow: those of the last month, and those that are started here."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from opsconsole.sandbox.generator.world import Dice
from opsconsole.sandbox.standin.answers import Json, iso

PERIOD = timedelta(hours=6)  # cron `0 */6 * * *`
HISTORY = 120  # runs: a month
Work = Callable[[], bool]  # the job of a run; tells whether it went well


@dataclass
class Run:
    """One run of the workflow."""

    id: int
    number: int
    event: str  # schedule, workflow_dispatch
    created_at: datetime
    status: str = "queued"  # queued, in_progress, completed
    conclusion: str | None = None  # success, failure, cancelled
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def change(self, status: str, conclusion: str | None = None) -> None:
        """Move on to another status, now."""
        self.status, self.conclusion = status, conclusion
        self.updated_at = datetime.now(UTC)

    def matches(self, query: dict[str, str]) -> bool:
        """Tell whether GitHub's filters `event`, `status` and `created` let it through."""
        event, status = query.get("event"), query.get("status")
        return (
            event in (None, "", self.event)
            and status in (None, "", self.status, self.conclusion)
            and _within(iso(self.created_at), query.get("created", ""))
        )

    def as_json(self, base: str) -> Json:
        """Return the run as GitHub prints it; base is the address of its repository's API."""
        return {
            "id": self.id,
            "name": "Capture Workspace Issues",
            "display_title": "Capture Workspace Issues",
            "run_number": self.number,
            "run_attempt": 1,
            "event": self.event,
            "status": self.status,
            "conclusion": self.conclusion,
            "head_branch": "main",
            "path": ".github/workflows/capture-workspace-issues.yml",
            "created_at": iso(self.created_at),
            "run_started_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "url": f"{base}/actions/runs/{self.id}",
            "html_url": f"{base}/actions/runs/{self.id}",
        }


class Runs:
    """All runs, the newest first."""

    def __init__(self, seed: int, queued_for: float) -> None:
        self._queued_for = queued_for  # seconds
        self._lock = threading.Lock()
        self._runs = _history(Dice(f"{seed}/runs"))
        self._numbers = itertools.count(len(self._runs) + 1)

    def matching(self, query: dict[str, str]) -> list[Run]:
        """Return the runs that GitHub's filters let through."""
        with self._lock:
            return [run for run in self._runs if run.matches(query)]

    def find(self, identifier: int) -> Run | None:
        """Return the run with this id."""
        with self._lock:
            return next((run for run in self._runs if run.id == identifier), None)

    def start(self, event: str, work: Work) -> Run:
        """Queue a run; its work begins in the background a moment later."""
        with self._lock:
            number = next(self._numbers)
            run = Run(9_000_000_000 + number, number, event, datetime.now(UTC))
            self._runs.insert(0, run)
        timer = threading.Timer(self._queued_for, self._execute, [run, work])
        timer.daemon = True
        timer.start()
        return run

    def cancel(self, run: Run) -> bool:
        """Cancel a run unless it has ended; what its work has begun elsewhere goes on."""
        with self._lock:
            if run.status == "completed":
                return False
            run.change("completed", "cancelled")
            return True

    def _execute(self, run: Run, work: Work) -> None:
        with self._lock:
            if run.status == "completed":
                return
            run.change("in_progress")
        conclusion = "success" if work() else "failure"
        with self._lock:
            if run.conclusion is None:
                run.change("completed", conclusion)


def _history(dice: Dice) -> list[Run]:
    """Return the scheduled runs of the last month, one in twenty of them failed."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = midnight + PERIOD * ((datetime.now(UTC) - midnight) // PERIOD)
    runs = []
    for age in range(HISTORY):
        number = HISTORY - age
        created = last - PERIOD * age + timedelta(seconds=dice.uniform(0, 600))
        conclusion = "failure" if dice.chance(0.05) else "success"
        ended = created + timedelta(seconds=dice.uniform(30, 170))
        run = Run(9_000_000_000 + number, number, "schedule", created)
        run.status, run.conclusion, run.updated_at = "completed", conclusion, ended
        runs.append(run)
    return runs


def _within(moment: str, span: str) -> bool:
    """Tell whether a moment is in GitHub's `created` filter: `>=a`, `>a`, `<=b`, `<b`, `a..b`.

    Both sides are ISO texts, so their order is the order in time.
    """
    first, dots, last = span.partition("..")
    if dots:
        return moment >= first and moment[: len(last)] <= last
    bound = span.lstrip("<>=")
    if span.startswith(">"):
        return (
            moment >= bound if span.startswith(">=") else moment[: len(bound)] > bound
        )
    if span.startswith("<"):
        return (
            moment[: len(bound)] <= bound if span.startswith("<=") else moment < bound
        )
    return moment.startswith(bound)
