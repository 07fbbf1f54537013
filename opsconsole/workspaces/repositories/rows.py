"""Tracked repositories as lists show them: a page of keys first, then what is said of these.

A diagnosis joins tables and looks for duplicates; for all rows of the platform that would
take seconds, for a page it takes milliseconds.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, TextField, Value
from django.db.models.functions import Coalesce, Left

from opsconsole.history.models import RepositoryResult
from opsconsole.platform.diagnosis import NAME, Circumstances
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet
from opsconsole.platform.rules import USUAL_INTERVAL
from opsconsole.workspaces.pages import Pages

Row = Any  # a WorkspaceTrackedRepository with what `load` adds
Rows = WorkspaceTrackedRepositoryQuerySet

ERROR_SHOWN = 2_000  # characters of an error that a page loads
ERROR = Left("last_sync_error", ERROR_SHOWN, output_field=TextField())
SHOWN = (
    "workspace_id",
    "workspace__name",
    "workspace__tier",
    "workspace__is_active",
    "tracked_repository__repository__full_name",
    "fetch_issues",
    "is_active",
    "added_at",
    "last_sync_at",
    "last_sync_status",
    "next_sync_at",
    "priority_score",
    "sync_attempts",
    "sync_frequency_hours",
)
REPOSITORY = "repository"
ORDERS: dict[str, Any] = {
    REPOSITORY: F(NAME),
    "workspace": F("workspace__name"),
    "attempts": F("sync_attempts"),
    "last_sync": F("last_sync_at"),
    "next_sync": F("next_sync_at"),
    "interval": Coalesce(F("sync_frequency_hours"), Value(USUAL_INTERVAL)),
    "priority": F("priority_score"),
}  # column -> what it sorts by


class RowPages(Pages):
    """Tracked repositories."""

    order = REPOSITORY

    def __getitem__(self, page: slice) -> list[Row]:
        """Diagnosed rows of these places."""
        keys = self.in_order().values_list("pk", flat=True)[page]
        return load(list(keys), self.known)

    def in_order(self) -> Rows:
        """The rows as sorted, for those who want all of them."""
        rows: Rows = self.sorted(self.data, ORDERS[self.column])
        return rows

    def with_words(self) -> Rows:
        """All of them in order with `word`, `flags` and `error`, for a file."""
        rows: Rows = self.in_order().annotate(error=ERROR)
        return rows.diagnosed(self.known)


def load(keys: list[UUID], known: Circumstances) -> list[Row]:
    """These rows in this order, with `word`, `flags`, `error` (cut) and `refusal`.

    A row that was deleted in the meantime is left out.
    """
    rows: Rows = WorkspaceTrackedRepository.objects.filter(pk__in=keys)
    shown = rows.select_related("workspace", "tracked_repository__repository")
    found = shown.only(*SHOWN).annotate(error=ERROR).diagnosed(known.for_few())
    by_key = {row.pk: row for row in with_refusals(found)}
    return [by_key[key] for key in keys if key in by_key]


def with_refusals(rows: Iterable[Row]) -> list[Row]:
    """The rows with `refusal`: the RepositoryResult that makes it refused, or None."""
    found = list(rows)
    names = {name_of(row) for row in found if row.word == "refused"}
    newest = {}
    if names:
        results = RepositoryResult.objects.filter(repository__in=names, success=False)
        latest = results.order_by("repository", "-at").distinct("repository")
        newest = {result.repository: result for result in latest}
    for row in found:
        row.refusal = newest.get(name_of(row)) if row.word == "refused" else None
    return found


def name_of(row: Row) -> str:
    """owner/name; needs the repository loaded."""
    return str(row.tracked_repository.repository.full_name)
