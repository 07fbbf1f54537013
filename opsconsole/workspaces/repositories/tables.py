"""The lists of tracked repositories: of one workspace, and of the whole platform."""

from collections.abc import Mapping
from typing import Any

from opsconsole.platform.diagnosis import NAME
from opsconsole.web.tables import NumberColumn, SelectionColumn, Table, TimeColumn
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.columns import (
    RepositoryColumn,
    SuggestionColumn,
    TuningColumn,
    WhyColumn,
    WorkspaceColumn,
)
from opsconsole.workspaces.repositories.rows import RowPages
from opsconsole.workspaces.repositories.tuning import INTERVAL, PRIORITY


class RepositoryTable(Table):
    """The tracked repositories of one workspace, why each is not in step, what helps."""

    label = "Tracked repositories"
    empty_filtered_text = "No repository matches. Change or clear the filters."
    hidden_columns: tuple[str, ...] = ("attempts",)
    csv_fields: Mapping[str, str] = {
        "id": "pk",
        "repository": NAME,
        "diagnosis": "word",
        "flags": "flags",
        "attempts": "sync_attempts",
        "error": "error",
        "last_sync": "last_sync_at",
        "next_sync": "next_sync_at",
        "interval": "sync_frequency_hours",
        "priority": "priority_score",
    }

    selection = SelectionColumn(accessor="pk", name_of=NAME, name="repositories")
    repository = RepositoryColumn("Repository", accessor=NAME)
    diagnosis = WhyColumn("Diagnosis", accessor="word", orderable=False)
    action = SuggestionColumn(
        "Next action",
        accessor="pk",
        default="",
        orderable=False,
        exclude_from_export=True,
    )
    attempts = NumberColumn(
        verbose_name="Attempts", accessor="sync_attempts", default="0"
    )
    last_sync = TimeColumn(verbose_name="Last sync", accessor="last_sync_at")
    next_sync = TimeColumn(
        verbose_name="Next sync", accessor="next_sync_at", missing="not scheduled"
    )
    interval = TuningColumn(
        verbose_name="Interval", accessor="sync_frequency_hours", tuning=INTERVAL
    )
    priority = TuningColumn(
        verbose_name="Priority", accessor="priority_score", tuning=PRIORITY
    )

    class Meta:
        order_by = "repository"
        empty_text = "No repository of this workspace is tracked."

    def __init__(self, pages: RowPages, actions: Actions, **kwargs: Any) -> None:
        hidden = () if actions.bulk else ("selection", "action")
        super().__init__(pages, exclude=hidden, **kwargs)
        self.known, self.actions = pages.known, actions


class HealthTable(RepositoryTable):
    """Tracked repositories of the whole platform."""

    empty_filtered_text = "No repository matches. Change or clear the filters."
    default_view = "In trouble"
    hidden_columns: tuple[str, ...] = ("attempts", "priority")
    csv_fields: Mapping[str, str] = {
        **RepositoryTable.csv_fields,
        "workspace": "workspace__name",
        "tier": "workspace__tier",
    }

    workspace = WorkspaceColumn("Workspace")

    class Meta:
        order_by = "repository"
        sequence = ("selection", "repository", "workspace", "...")
        empty_text = "The platform tracks no repository yet."
