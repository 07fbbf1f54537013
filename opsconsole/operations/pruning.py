"""How long the rows of a run are kept: as long as it can be undone.

They hold names of repositories and texts of errors. The run, its steps with their
counts and the audit stay.
"""

from datetime import timedelta
from time import monotonic
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db.models import QuerySet
from django.utils import timezone

from opsconsole.operations.models import Chunk, LogLine, Run
from opsconsole.operations.models.run import UNDO_DAYS

KEPT = timedelta(days=UNDO_DAYS)
AT_ONCE = 200  # chunks, or lines: so that no delete takes long
LONGEST = 20  # seconds; tomorrow goes on with the rest


def prune() -> str:
    """Delete the chunks and log lines of runs that ended too long ago for an undo."""
    ends = monotonic() + LONGEST
    # The trigger that guards plans compares with the same clock.
    old = Run.objects.filter(finished_at__lt=TransactionNow() - KEPT)
    chunks = _delete(Chunk.objects.filter(step__run__in=old), ends)
    lines = _delete(LogLine.objects.filter(run__in=old), ends)
    return f"{chunks} chunks and {lines} log lines deleted"


def are_rows_gone(run: Run) -> bool:
    """Whether the run is so old that its rows are pruned, or will be within a day."""
    return run.finished_at is not None and run.finished_at < timezone.now() - KEPT


def _delete(old: QuerySet[Any], ends: float) -> int:
    """Delete in pieces until nothing is left or the time is up; how many."""
    deleted = 0
    while monotonic() < ends:
        some = [*old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]]
        if not some:
            break
        deleted += old.model._default_manager.filter(pk__in=some).delete()[0]
    return deleted
