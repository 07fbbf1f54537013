"""Which runs need attention: the console's own part of the front page's list."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from opsconsole.operations.models import FREE, Run
from opsconsole.operations.states import State
from opsconsole.workspaces.attention import Attention, said

RECENT = timedelta(hours=24)
PATIENCE = timedelta(seconds=30)  # for a worker; one that lives takes a run in a second
RUNS = (
    (
        State.QUEUED,
        "critical",
        ("No run waits", "run waits", "runs wait"),
        f"more than {PATIENCE.seconds} s for a worker.",
    ),
    (State.FAILED, "critical", ("No run", "run", "runs"), "failed in the last 24 h."),
    (
        State.APPLIED_WITH_PROBLEMS,
        "warning",
        ("No run", "run", "runs"),
        "ended with problems in the last 24 h.",
    ),
    (
        State.PLANNED,
        "warning",
        ("No plan waits", "plan waits", "plans wait"),
        "for a person's confirmation.",
    ),
)  # state, how bad it is, the start of the sentence, its end


def of_runs(now: datetime) -> Iterator[Attention]:
    """Runs that wait for a worker, for a person, or went wrong in the last 24 hours."""
    recently = Q(finished_at__gte=now - RECENT)
    conditions = {
        State.QUEUED: Q(queued_at__lt=now - PATIENCE) & FREE,
        State.FAILED: recently,
        State.APPLIED_WITH_PROBLEMS: recently,
        State.PLANNED: Q(expires_at__gt=now, rows_planned__gt=0),
    }
    counts = Run.objects.aggregate(
        **{
            state.name: Count("pk", Q(state=state) & condition)
            for state, condition in conditions.items()
        }
    )
    runs = reverse("operations:run_list")
    for state, bad, words, end in RUNS:
        count = counts[state.name]
        yield Attention(
            bad if count else "ok",
            f"{said(count, *words)} {end}",
            f"{runs}?state={state.value}",
            "See the runs",
        )
