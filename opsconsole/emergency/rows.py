"""The platform's rows during a stop: what is in the sync all the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.db.models import Count, Q
from django.db.models.functions import Now

from opsconsole.emergency.stop import Stop
from opsconsole.operations.catalog.stop_all_syncs import BEGUN
from opsconsole.platform import contract
from opsconsole.platform.deadline import deadline
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.needs import is_ours, sentence
from opsconsole.platform.panel import Panel
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

SYNC = "workspace_tracked_repositories"
READS = tuple(
    f"{SYNC}.{column}"
    for column in ("fetch_issues", "next_sync_at", "last_sync_at", "added_at")
)
NAMED = 20  # rows of the panel's list
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class InTheSync:
    """A row that is in the sync during the stop."""

    stopped_at: datetime
    pk: Any
    name: str
    workspace: str
    tier: str
    added_at: datetime
    next_sync_at: datetime | None

    @property
    def is_new(self) -> bool:
        """Whether it was added since the stop began; else somebody switched it on."""
        return self.added_at > self.stopped_at


def counts(stop: Stop, patience: float) -> Panel[dict[str, int]]:
    """Fields of a StopCheck, counted in one pass and so many seconds, or the sentence."""
    return _asked(lambda: _counted(stop), patience)


def in_the_sync(stop: Stop, patience: float) -> Panel[list[InTheSync]]:
    """The first NAMED of them, the newest first."""
    return _asked(lambda: _named(stop), patience)


def _counted(stop: Stop) -> dict[str, int]:
    syncing = Q(fetch_issues=True)
    return _every().aggregate(
        syncing=Count("pk", filter=syncing),
        due=Count("pk", filter=syncing & Q(next_sync_at__lte=Now())),
        synced=Count("pk", filter=Q(last_sync_at__gt=stop.ended + BEGUN)),
        added=Count("pk", filter=Q(added_at__gt=stop.since)),
    )


def _named(stop: Stop) -> list[InTheSync]:
    rows = _every().syncing().described().order_by("-added_at", "pk")[:NAMED]
    columns = ("row_label", "row_workspace", "row_tier", "added_at", "next_sync_at")
    return [InTheSync(stop.since, *row) for row in rows.values_list("pk", *columns)]


def _every() -> Rows:
    rows: Rows = WorkspaceTrackedRepository.objects.all()
    return rows


def _asked(question: Callable[[], Answer], patience: float) -> Panel[Answer]:
    """As `panel.ask`, in a time of its own: the watch may take longer than a page."""
    platform = contract.current()
    if not platform.reachable:
        return Panel(None, contract.SILENT)
    if lacking := platform.lacks(*READS):
        return Panel(None, " ".join(lacking))
    try:
        with deadline(patience):
            return Panel(question())
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        if is_ours():
            raise
        return Panel(None, sentence(error))
