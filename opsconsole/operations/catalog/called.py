"""What became of the rows that a run's calls to the sync function were made for."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from opsconsole.history.models import RepositoryResult
from opsconsole.operations.models import Chunk, Run
from opsconsole.platform.models import WorkspaceTrackedRepository

CLOCKS = timedelta(
    seconds=5
)  # by which the console's clock and the platform's may differ


@dataclass(frozen=True)
class Call:
    """One call: its rows, when it left, and how it ended."""

    rows: list[str]
    sent_at: datetime | None  # None: it was not made
    succeeded: bool
    lost: bool  # its answer never came; that it did something stands in the rows


class Called:
    """All calls of a run, and the rows as they are now."""

    def __init__(self, run: Run) -> None:
        self.run = run
        chunks = Chunk.objects.filter(step__run=run, step__kind="call")
        self.calls = [
            _call(chunk) for chunk in chunks.order_by("step__number", "number")
        ]

    @cached_property
    def synced(self) -> set[str]:
        """Rows whose sync ended after their own call had left; others' syncs do not count."""
        keys = [key for call in self.calls for key in call.rows]
        rows = WorkspaceTrackedRepository.objects.filter(pk__in=keys)
        last = {str(key): at for key, at in rows.values_list("pk", "last_sync_at")}
        return {
            key
            for call in self.calls
            for key in call.rows
            if call.sent_at and last.get(key) and last[key] >= call.sent_at - CLOCKS
        }

    @cached_property
    def refused(self) -> set[str]:
        """Rows of which the function says that GitHub refused them."""
        named = RepositoryResult.objects.filter(
            response__run_id=self.run.pk, success=False
        ).values_list("repository", flat=True)
        rows = WorkspaceTrackedRepository.objects.filter(
            pk__in=[key for call in self.calls for key in call.rows],
            tracked_repository__repository__full_name__in=[*named],
        )
        return {str(key) for key in rows.values_list("pk", flat=True)}

    @property
    def unreached(self) -> list[str]:
        """Rows whose call failed, was not made, or was lost before it came to them."""
        return [
            key
            for call in self.calls
            if call.lost or not call.succeeded
            for key in call.rows
            if key not in self.synced
        ]

    @property
    def to_do(self) -> list[str]:
        """What a run has not brought about: unreached and refused."""
        return [*dict.fromkeys([*self.unreached, *sorted(self.refused)])]


def _call(chunk: Chunk) -> Call:
    held = chunk.answer or {}
    sent_at = held.get("sent_at")
    return Call(
        rows=json.loads(chunk.after["request"])["rows"],
        sent_at=datetime.fromisoformat(sent_at) if sent_at else None,
        succeeded=chunk.state == Chunk.State.APPLIED and chunk.rows_written > 0,
        lost="settled" in held,
    )
