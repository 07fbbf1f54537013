"""Nothing waits for ever: whatever no living worker holds is nudged again."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from opsconsole.audit import log
from opsconsole.operations.models import IllegalMove, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import nudge

PATIENCE = timedelta(seconds=5)  # a nudge is given this long before the next


def sweep() -> None:
    """Nudge runs that nobody holds, and expire plans that nobody decided."""
    now = timezone.now()
    quiet = Q(nudged_at=None) | Q(nudged_at__lt=now - PATIENCE)
    for run in Run.objects.unheld().filter(quiet):
        nudge(run)
    for run in Run.objects.filter(state=State.PLANNED, expires_at__lt=now):
        _expire(run)


def _expire(run: Run) -> None:
    try:
        with transaction.atomic():
            run.move(State.EXPIRED)
            log.record(
                action="operations.run.expired",
                subject=f"{run.title}: {run.subject}",
                actor=None,
                run_id=run.pk,
                reason=run.reason,
            )
    except IllegalMove:
        return  # a person decided in the meantime
