"""Nothing waits for ever: whatever no living worker holds is nudged again."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django_q.models import OrmQ

from opsconsole.operations import expiry
from opsconsole.operations.models import FREE, Run
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
    for run in Run.objects.filter(FREE, expiry.late()):
        expiry.expire(run)


def _quiet(now: datetime) -> Q:
    """No message was sent lately, or none since its wait was over."""
    return Q(nudged_at=None) | Q(nudged_at__lt=now - PATIENCE)
