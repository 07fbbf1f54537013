"""The lists of tracked repositories: of one workspace, and of the whole platform."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Prefetch
from django.db.models.functions import Left
from django.urls import reverse

from opsconsole.platform.models import (
    TrackedRepository,
    Workspace,
    WorkspaceTrackedRepository,
)
from opsconsole.web.tables import (
    LinkColumn,
    NumberColumn,
    Table,
    TimeColumn,
)
from opsconsole.workspaces.columns import (
    ERROR_SHOWN,
    ErrorColumn,
    GitHubColumn,
    ResetColumn,
    ResetSelection,
    WhyColumn,
    WorkspaceColumn,
)
from opsconsole.workspaces.conditions import Rows

REPOSITORY = "tracked_repository__repository__full_name"
SHOWN = (
    "workspace_id",
    "tracked_repository_id",
    "fetch_issues",
    "is_active",
    "last_sync_at",
    "last_sync_status",
    "next_sync_at",
    "sync_attempts",
    "sync_frequency_hours",
)
LOAD_WORKSPACE = Prefetch(
    "workspace", Workspace.objects.only("name", "tier", "is_active")
)
LOAD_REPOSITORY = Prefetch(
    "tracked_repository",
    TrackedRepository.objects.select_related("repository").only(
        "repository__full_name", "repository__has_issues"
    ),
)


class RepositoryTable(Table):
    """The tracked repositories of one workspace, and why each is not in step."""

    label = "Tracked repositories"
    empty_filtered_text = "No repository matches. Change or clear the filters."
    loaded: tuple[Any, ...] = (LOAD_REPOSITORY,)  # for a page alone

    selection = ResetSelection(accessor="pk", name_of=REPOSITORY, name="repositories")
    repository = GitHubColumn("Repository", accessor=REPOSITORY)
    condition = WhyColumn("Condition", accessor="pk", orderable=False)
    attempts = NumberColumn(
        verbose_name="Attempts", accessor="sync_attempts", default="0"
    )
    error = ErrorColumn("Error", orderable=False, default="")
    last_sync = TimeColumn(verbose_name="Last sync", accessor="last_sync_at")
    next_sync = TimeColumn(
        verbose_name="Next sync", accessor="next_sync_at", missing="not scheduled"
    )
    interval = NumberColumn(
        verbose_name="Interval",
        accessor="sync_frequency_hours",
        unit="h",
        default="24 h by default",
    )
    action = ResetColumn("Action", accessor="pk", default="", orderable=False)

    class Meta:
        order_by = "repository"
        empty_text = "No repository of this workspace is tracked."

    def __init__(
        self, rows: Rows, *, now: datetime, resets: bool, **kwargs: Any
    ) -> None:
        """`resets`: whether the person may reset what failed."""
        start = Left("last_sync_error", ERROR_SHOWN)
        rows = rows.only(*SHOWN).annotate(error=start)
        hidden = () if resets else ("selection", "action")
        super().__init__(rows.prefetch_related(*self.loaded), exclude=hidden, **kwargs)
        self.now = now

    def order_attempts(self, rows: Rows, falling: bool) -> tuple[Rows, bool]:
        return _in_order(rows, F("sync_attempts"), falling), True

    def order_last_sync(self, rows: Rows, falling: bool) -> tuple[Rows, bool]:
        return _in_order(rows, F("last_sync_at"), falling), True

    def order_next_sync(self, rows: Rows, falling: bool) -> tuple[Rows, bool]:
        return _in_order(rows, F("next_sync_at"), falling), True


class HealthTable(RepositoryTable):
    """Tracked repositories of the whole platform, the failed ones first of all."""

    empty_filtered_text = (
        "No repository is in this condition, or none matches the filters."
    )
    loaded = (LOAD_REPOSITORY, LOAD_WORKSPACE)

    repository = LinkColumn(
        "Repository",
        accessor=REPOSITORY,
        linkify=lambda record, value: _in_its_workspace(record, value),
    )
    workspace = WorkspaceColumn("Workspace", order_by="workspace__name")

    class Meta:
        order_by = "-attempts"
        sequence = ("selection", "repository", "workspace", "...")
        exclude = ("interval",)
        empty_text = (
            "No failed sync. Only exceptions are written down as failures: a repository"
            " that GitHub refuses is overdue instead."
        )


def _in_its_workspace(row: WorkspaceTrackedRepository, name: str) -> str:
    page = reverse("workspaces:detail", args=[row.workspace_id])
    return f"{page}?{urlencode({'q': name})}"


def _in_order(rows: Rows, figure: F, falling: bool) -> Rows:
    """What has no value comes last, whichever way the rest is sorted."""
    direction = figure.desc if falling else figure.asc
    return rows.order_by(direction(nulls_last=True))
