"""What became of a run's rows: which of them the sync function has taken since."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q

from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.moment import Moment
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.rules import FAILED, GRACE

SUCCESS = "success"  # workspace_tracked_repositories.last_sync_status
NEARLY_ALL = 0.9  # of those tried
MOST = 0.5  # of those written


@dataclass(frozen=True)
class Syncs:
    """Of the rows that a run wrote, how many have ended a sync since."""

    written: int
    succeeded: int
    failed: int
    schedule_came: bool  # time enough for one scheduled run, at least

    @property
    def tried(self) -> int:
        return self.succeeded + self.failed

    @property
    def most_were_tried(self) -> bool:
        return self.tried > MOST * self.written

    @property
    def nearly_all_succeeded(self) -> bool:
        return bool(self.tried) and self.succeeded >= NEARLY_ALL * self.tried

    @property
    def nearly_all_failed(self) -> bool:
        return bool(self.tried) and self.failed >= NEARLY_ALL * self.tried

    def in_words(self) -> str:
        """A quiet repository and a refusal by GitHub leave no trace in its row."""
        if not self.tried:
            since = "" if self.schedule_came else " No scheduled run has come by yet."
            return f"None of {self.written:,} has left a trace of a sync.{since}"
        rest = self.written - self.tried
        return (
            f"Of {self.written:,}: {self.succeeded:,} synced, {self.failed:,} failed again,"
            f" {rest:,} without a trace (not taken yet, quiet, or refused by GitHub)."
        )


def of(run: Run, moment: Moment) -> Syncs:
    """Count them, chunk by chunk: a run may have written a million rows."""
    found = {"succeeded": 0, "failed": 0}
    written = 0
    since = Q(last_sync_at__gt=run.planned_at)  # both by the platform's clock
    chunks = Chunk.objects.filter(step__run=run, rows_written__gt=0)
    for chunk in chunks.only("keys", "exceptions").iterator(50):
        keys = chunk.written_keys()
        written += len(keys)
        counts = WorkspaceTrackedRepository.objects.filter(pk__in=keys).aggregate(
            succeeded=Count("pk", filter=since & Q(last_sync_status=SUCCESS)),
            failed=Count("pk", filter=since & Q(last_sync_status=FAILED)),
        )
        found = {name: found[name] + counts[name] for name in found}
    return Syncs(written, **found, schedule_came=_schedule_came(run, moment))


def _schedule_came(run: Run, moment: Moment) -> bool:
    if run.finished_at is None:
        return False
    period = timedelta(hours=settings.SCHEDULE_HOURS) + GRACE
    return moment.now > run.finished_at + period
