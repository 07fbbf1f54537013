"""The list of workspaces: which ones, in which order, and what stands in their rows.

A page's keys are picked first, on the narrow table; counts are read for these alone. A
figure for all 100,000 workspaces is worked out only by the sort that needs it.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    F,
    FilteredRelation,
    FloatField,
    Max,
    Q,
    QuerySet,
)
from django.db.models.functions import Cast, Lower, NullIf
from django_tables2.data import TableQuerysetData

from opsconsole.platform.db import fetch
from opsconsole.platform.querysets import WorkspaceQuerySet
from opsconsole.platform.rules import FAILED

Ordered = QuerySet[Any, Any]
NAME = "name"  # the order of workspaces that are equal otherwise


def by_use(workspaces: WorkspaceQuerySet) -> Ordered:
    """By the share of their own limit; an unknown limit, or none, gives no figure."""
    limit = Cast(NullIf("max_repositories", 0), FloatField())
    found: Ordered = workspaces.with_use().annotate(figure=F("used") / limit)
    return found


def by_failures(workspaces: WorkspaceQuerySet) -> Ordered:
    """By how many of their repositories failed."""
    failed = FilteredRelation("tracked", condition=Q(tracked__last_sync_status=FAILED))
    grouped = workspaces.alias(failing=failed).values("pk")
    ordered: Ordered = grouped.annotate(figure=Count("failing"))
    return ordered


def by_last_sync(workspaces: WorkspaceQuerySet) -> Ordered:
    """By the newest sync of their repositories."""
    newest = Max("tracked__last_sync_at")
    ordered: Ordered = workspaces.values("pk").annotate(figure=newest)
    return ordered


ORDERS: dict[str, Callable[[WorkspaceQuerySet], Ordered]] = {
    NAME: lambda workspaces: workspaces.annotate(figure=Lower("name")),
    "tier": lambda workspaces: workspaces.annotate(figure=F("tier")),
    "usage": by_use,
    "failed": by_failures,
    "last_sync": by_last_sync,
}


class WorkspacePages(TableQuerysetData):
    """Workspaces as a table takes them: counted as they are, sorted only for a page."""

    order = NAME

    def order_by(self, aliases: Sequence[str]) -> None:
        """Remember the first one; the paginator counts what is not sorted."""
        self.order = next(iter(aliases), NAME)

    def __getitem__(self, page: slice) -> list[dict[str, Any]]:
        return rows_of(list(self._sorted().values_list("pk", flat=True)[page]))

    def _sorted(self) -> Ordered:
        ordered = ORDERS[self.order.lstrip("-")](self.data)
        figure = F("figure")
        falling = self.order.startswith("-")
        direction = figure.desc if falling else figure.asc
        return ordered.order_by(direction(nulls_last=True), "pk")


def rows_of(keys: list[UUID]) -> list[dict[str, Any]]:
    """The rows of these workspaces, in this order, with their counts."""
    return fetch(
        """
        SELECT w.id, w.name, w.slug, w.tier, w.max_repositories, w.last_activity_at,
               w.is_active, links.repositories, sync.tracked, sync.failed,
               sync.last_sync_at
        FROM unnest(%(keys)s::uuid[]) WITH ORDINALITY AS page (id, place)
        JOIN workspaces AS w USING (id)
        CROSS JOIN LATERAL (
            SELECT count(*) AS repositories
            FROM workspace_repositories WHERE workspace_id = w.id
        ) AS links
        CROSS JOIN LATERAL (
            SELECT count(*) AS tracked,
                   count(*) FILTER (WHERE last_sync_status = %(failed)s) AS failed,
                   max(last_sync_at) AS last_sync_at
            FROM workspace_tracked_repositories WHERE workspace_id = w.id
        ) AS sync
        ORDER BY page.place
        """,
        {"keys": keys, "failed": FAILED},
    )
