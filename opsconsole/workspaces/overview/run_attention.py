"""Which runs need attention: the console's own part of the front page's list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from opsconsole.operations.decisions.approvals import MAY_APPROVE
from opsconsole.operations.expiry import IN_TIME
from opsconsole.operations.models import FREE, Run
from opsconsole.operations.states import State
from opsconsole.workspaces.overview.attention import Attention, said

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

# A plan that a terminal made without --apply: nobody means to confirm it.
LOOKED_AT_ONLY = Q(origin="terminal")
RECENT = timedelta(hours=24)
PATIENCE = timedelta(seconds=30)  # for a worker; one that lives takes a run in a second


@dataclass(frozen=True)
class Concern:
    """Runs that somebody should look at."""

    state: State
    level: str  # as soon as there is one
    begins: tuple[str, str, str]  # of the sentence, for none, one, several
    ends: str
    where: Q
    explanation: str
    mine: bool = False
    to_decide: bool = False  # by the reader, as a second person


def of_runs(now: datetime, user: "AbstractUser") -> Iterator[Attention]:
    """Runs that wait for a worker, for a person, or went wrong in the last 24 hours."""
    concerns = _concerns(now, user)
    counts = Run.objects.aggregate(
        **{
            f"concern_{number}": Count("pk", Q(state=concern.state) & concern.where)
            for number, concern in enumerate(concerns)
        }
    )
    for concern, count in zip(concerns, counts.values(), strict=True):
        yield _line(concern, count)


def _concerns(now: datetime, user: "AbstractUser") -> tuple[Concern, ...]:
    return (
        *_of_all(now, user),
        *(_to_decide(user) if user.has_perm(MAY_APPROVE) else ()),
    )


def _to_decide(user: "AbstractUser") -> Iterator[Concern]:
    """What waits for this person, who is the second one."""
    yield Concern(
        State.AWAITING,
        "warning",
        ("No run waits", "run waits", "runs wait"),
        "for your approval.",
        IN_TIME & ~Q(requested_by=user.pk),
        "Somebody else asked for it; it expires if nobody decides.",
        to_decide=True,
    )


def _of_all(now: datetime, user: "AbstractUser") -> tuple[Concern, ...]:
    recently = Q(finished_at__gte=now - RECENT)
    undecided = Q(expires_at__gt=now, rows_planned__gt=0) & ~LOOKED_AT_ONLY
    mine = Q(requested_by=user.pk)
    return (
        Concern(
            State.QUEUED,
            "critical",
            ("No run waits", "run waits", "runs wait"),
            f"more than {PATIENCE.seconds} s for a worker.",
            Q(queued_at__lt=now - PATIENCE) & FREE,
            "No worker takes them: is one running?",
        ),
        Concern(
            State.FAILED,
            "critical",
            ("No run", "run", "runs"),
            "failed in the last 24 h.",
            recently,
            "Its page says at which chunk it stopped, and why.",
        ),
        Concern(
            State.APPLIED_WITH_PROBLEMS,
            "warning",
            ("No run", "run", "runs"),
            "ended with problems in the last 24 h.",
            recently,
            "Some rows were skipped, or the after-condition does not hold.",
        ),
        Concern(
            State.PLANNED,
            "warning",
            ("No plan of yours waits", "plan of yours waits", "plans of yours wait"),
            "for your confirmation.",
            undecided & mine,
            "A plan that nobody decides on expires.",
            mine=True,
        ),
        Concern(
            State.PLANNED,
            "warning",
            ("No plan of others waits", "plan of others waits", "plans of others wait"),
            "for confirmation.",
            undecided & ~mine,
            "A plan that nobody decides on expires.",
        ),
    )


def _line(concern: Concern, count: int) -> Attention:
    query = {"state": concern.state.value} | ({"mine": "true"} if concern.mine else {})
    address, link = (
        f"{reverse('operations:run_list')}?{urlencode(query)}",
        "See the runs",
    )
    if concern.to_decide:
        address, link = reverse("operations:approvals"), "Decide"
    return Attention(
        concern.level if count else "ok",
        f"{said(count, *concern.begins)} {concern.ends}",
        address,
        link,
        concern.explanation,
    )
