"""Nothing waits for ever: whatever no living worker holds is nudged again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_q.models import OrmQ

from opsconsole.operations import trail
from opsconsole.operations.models import IllegalMove, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import nudge

PATIENCE = timedelta(seconds=5)  # a nudge is given this long before the next


def sweep() -> None:
    """Nudge runs that nobody holds, and expire plans that came too late.

    While a message still waits to be taken, another would only lengthen the queue.
    """
    now = timezone.now()
    for run in Run.objects.unheld().filter(_quiet(now)):
        if not OrmQ.objects.filter(key=run.cluster, lock__lte=now).exists():
            nudge(run)
    late = Q(state=State.PLANNED) | Q(state=State.QUEUED, lease_until=None)
    for run in Run.objects.filter(late, expires_at__lt=now):
        _expire(run)


def _quiet(now: datetime) -> Q:
    return Q(nudged_at=None) | Q(nudged_at__lt=now - PATIENCE)


def _expire(run: Run) -> None:
    try:
        with transaction.atomic():
            run.move(State.EXPIRED)
            trail.record(run, "expired")
    except IllegalMove:
        return  # a person decided in the meantime
