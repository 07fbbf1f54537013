"""The list of workspaces: which ones, in which order, and what stands in their rows.

A page's keys are picked first, on the narrow table; counts are read for these alone. A
figure for all 100,000 workspaces is worked out only by the sort that needs it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    F,
    FilteredRelation,
    FloatField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Lower, NullIf

from opsconsole.history.counting import calls_a_day
from opsconsole.platform import diagnosis
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.querysets import (
    WorkspaceQuerySet,
    WorkspaceTrackedRepositoryQuerySet,
)
from opsconsole.platform.rules import FAILED, USUAL_INTERVAL
from opsconsole.workspaces.pages import Pages

Ordered = QuerySet[Any, Any]
Rows = WorkspaceTrackedRepositoryQuerySet
Tracked = WorkspaceTrackedRepository.objects
NAME = "name"  # the order of workspaces that are equal otherwise
SHOWN = (
    "name",
    "slug",
    "tier",
    "max_repositories",
    "last_activity_at",
    "is_active",
)
FAILURES = ("failing repeatedly", "failed")  # words
INTERVAL = Coalesce("sync_frequency_hours", Value(USUAL_INTERVAL))


@dataclass(frozen=True)
class Line:
    """A workspace with what is counted of it."""

    workspace: Any  # Workspace, with `used`: how many repositories it has
    mix: dict[str, int] = field(default_factory=dict)  # word -> tracked repositories
    intervals: tuple[int, int] | None = None  # hours, the shortest and the longest
    calls: float = 0  # to GitHub a day, estimated; see counting.calls_a_day
    last_sync_at: datetime | None = None

    @property
    def pk(self) -> UUID:
        key: UUID = self.workspace.pk
        return key

    @property
    def tracked(self) -> int:
        return sum(self.mix.values())

    @property
    def failed(self) -> int:
        return sum(self.mix.get(word, 0) for word in FAILURES)


def lines(keys: list[UUID], known: Circumstances) -> list[Line]:
    """These workspaces in this order, counted by two queries; those that are gone left out."""
    chosen = Workspace.objects.filter(pk__in=keys).only(*SHOWN)
    workspaces = chosen.with_use().in_bulk()
    groups: dict[UUID, list[dict[str, Any]]] = {}
    for group in grouped(Tracked.filter(workspace__in=keys), known.for_few()):
        groups.setdefault(group["workspace_id"], []).append(group)
    found = (workspaces[key] for key in keys if key in workspaces)
    return [line(workspace, groups.get(workspace.pk, [])) for workspace in found]


def grouped(rows: Rows, known: Circumstances) -> Ordered:
    """Tracked repositories counted by workspace and word."""
    diagnosed = rows.annotate(word=diagnosis.word(known))
    groups: Ordered = diagnosed.values("workspace_id", "word").annotate(
        rows=Count("pk"),
        shortest=Min(INTERVAL),
        longest=Max(INTERVAL),
        newest=Max("last_sync_at"),
        calls=Sum(calls_a_day(), filter=Q(fetch_issues=True)),
    )
    return groups.order_by()


def line(workspace: Workspace, groups: list[dict[str, Any]]) -> Line:
    """A workspace and its part of `grouped`; the mix in the order of the diagnoses."""
    if not groups:
        return Line(workspace)
    counts = {group["word"]: group["rows"] for group in groups}
    newest = [group["newest"] for group in groups if group["newest"]]
    return Line(
        workspace,
        mix={word: counts[word] for word in diagnosis.WORDS if word in counts},
        intervals=(
            min(group["shortest"] for group in groups),
            max(group["longest"] for group in groups),
        ),
        calls=round(sum(group["calls"] or 0 for group in groups), 1),
        last_sync_at=max(newest, default=None),
    )


def by_use(workspaces: WorkspaceQuerySet, known: Circumstances) -> Ordered:
    """By the share of their own limit; an unknown limit, or none, gives no figure."""
    limit = Cast(NullIf("max_repositories", 0), FloatField())
    found: Ordered = workspaces.with_use().annotate(figure=F("used") / limit)
    return found


def by_failures(workspaces: WorkspaceQuerySet, known: Circumstances) -> Ordered:
    """By how many of their repositories fail."""
    failed = FilteredRelation("tracked", condition=Q(tracked__last_sync_status=FAILED))
    rows = Tracked.filter(last_sync_status=FAILED).alias(word=diagnosis.word(known))
    failing = Q(failed__in=rows.filter(word__in=FAILURES).values("pk"))
    grouped = workspaces.alias(failed=failed).values("pk")
    ordered: Ordered = grouped.annotate(figure=Count("failed", filter=failing))
    return ordered


def by_last_sync(workspaces: WorkspaceQuerySet, known: Circumstances) -> Ordered:
    """By the newest sync of their repositories."""
    newest = Max("tracked__last_sync_at")
    ordered: Ordered = workspaces.values("pk").annotate(figure=newest)
    return ordered


def by(figure: Any) -> Callable[[WorkspaceQuerySet, Circumstances], Ordered]:
    """By something that stands in the workspace itself."""
    return lambda workspaces, known: workspaces.annotate(figure=figure)


ORDERS = {
    NAME: by(Lower("name")),
    "tier": by(F("tier")),
    "usage": by_use,
    "failed": by_failures,
    "last_sync": by_last_sync,
    "last_activity": by(F("last_activity_at")),
}


class WorkspacePages(Pages):
    """Workspaces."""

    order = NAME

    def __getitem__(self, page: slice) -> list[Line]:
        keys = self.in_order().values_list("pk", flat=True)
        return lines(list(keys[page]), self.known)

    def in_order(self) -> Ordered:
        """All of them with the `figure` they are sorted by."""
        figured = ORDERS[self.column](self.data, self.known)
        ordered: Ordered = self.sorted(figured, F("figure"))
        return ordered
