"""What the run's row says of its progress."""

from datetime import timedelta

from django.db.models import F

from opsconsole.operations.models import Run


def progress(run: Run, took: timedelta, **counts: int) -> None:
    """Count what was just done, in the transaction that marks it as done.

    Whatever it waited for, and however many workers died before, is over.
    """
    Run.objects.filter(pk=run.pk).update(
        attempts=0,
        error="",
        waiting_since=None,
        worked=F("worked") + took,
        **{name: F(name) + number for name, number in counts.items()},
    )
    run.waiting_since = None
