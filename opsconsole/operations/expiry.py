"""How long each thing may wait, always by the console database's clock: hosts may differ.

How long an undecided plan lives is the planner's to say.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from opsconsole.operations import trail
from opsconsole.operations.models import IllegalMove, Run
from opsconsole.operations.states import UNDECIDED, State

ASKED = timedelta(hours=2)  # for a second person's approval
CONFIRMED = timedelta(minutes=30)  # a confirmed or signed plan must start within this
REVIEWED = timedelta(hours=24)  # an emergency, by a second person
PAUSED = timedelta(hours=1)  # a longer pause asks again before the run goes on

STARTED = Q(started_at__isnull=False)  # never expires
IN_TIME = STARTED | Q(expires_at__gt=Now())
# Whoever paused it knew the plan; after this the platform may have moved on.
PAUSED_BRIEFLY = Q(paused_at__gt=Now() - PAUSED)


def late() -> Q:
    """Runs that expire now: nobody decided, or no worker began, within their time.

    Waiting in line does not count: the time to begin starts anew when the run before
    this one has ended.
    """
    undecided = Q(state__in=UNDECIDED)
    in_line = Q(behind__isnull=True) | Q(behind__finished_at__lte=Now() - CONFIRMED)
    queued = Q(state=State.QUEUED) & in_line
    return Q(expires_at__lte=Now(), started_at=None) & (undecided | queued)


def expire(run: Run) -> bool:
    """End a run whose time is over; whether it was."""
    try:
        with transaction.atomic():
            run.move(State.EXPIRED, late())
            trail.record(run, "expired")
    except IllegalMove:
        return False  # it is in time, or somebody decided in the meantime
    return True
