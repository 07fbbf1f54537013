"""The watch: while everything is stopped, looks each minute whether it really is."""

from datetime import timedelta

from django.utils import timezone

from opsconsole.emergency import quota, rows, stop, workflow
from opsconsole.emergency.models import StopCheck
from opsconsole.emergency.stop import Stop

PLATFORM_SECONDS = 20.0  # a count over a million rows takes about one
GITHUB_SECONDS = 4.0
LATE = timedelta(minutes=3)  # after which nobody seems to look any more
KEPT = timedelta(days=30)  # looks; as long as a stop can be undone


def watch() -> str:
    """Look at the stop that holds, if any. The schedule asks every minute."""
    quota.sample()
    held = stop.current()
    if held is None:
        return "nothing is stopped"
    check = look(held, PLATFORM_SECONDS, GITHUB_SECONDS)
    check.save()
    StopCheck.objects.filter(at__lt=check.at - KEPT).delete()
    return "unknown" if check.is_unknown else "broken" if check.is_broken else "holds"


def look(held: Stop, platform_seconds: float, github_seconds: float) -> StopCheck:
    """Ask the platform and GitHub, and keep nothing. What fails is unknown, not zero."""
    counted = rows.counts(held, platform_seconds)
    outside = workflow.read(github_seconds)
    return StopCheck(
        run=held.last,
        at=timezone.now(),
        platform_problem=counted.problem,
        **(counted.answer or {}),
        workflow_state=outside.state,
        runs_underway=outside.underway,
        github_problem=outside.problem,
    )
