"""The list of workspaces."""

from typing import Any

from opsconsole.web.tables import (
    NumberColumn,
    SelectionColumn,
    Table,
    TierColumn,
    TimeColumn,
    UsageColumn,
)
from opsconsole.workspaces import workspace_csv
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.columns import (
    FailedColumn,
    IntervalsColumn,
    MixColumn,
    NameColumn,
)
from opsconsole.workspaces.listing import WorkspacePages

CALLS = (
    "Estimated: one call for each sync of the schedule, every interval rounded up to the"
    " schedule's grid, only what syncs."
)


class WorkspaceTable(Table):
    """One row per workspace, a `listing.Line`."""

    label = "Workspaces"
    empty_filtered_text = "No workspace matches. Change or clear the filters."
    csv_fields = workspace_csv.FIELDS

    selection = SelectionColumn(
        accessor="pk", name_of="workspace__name", name="workspaces"
    )
    name = NameColumn("Workspace", accessor="workspace__name")
    tier = TierColumn(verbose_name="Tier", accessor="workspace__tier")
    usage = UsageColumn(
        "Repositories",
        accessor="workspace__used",
        limit="workspace__max_repositories",
        noun="repositories",
    )
    health = MixColumn(
        "Health", accessor="mix", orderable=False, default="nothing tracked"
    )
    failed = FailedColumn("Failed")
    intervals = IntervalsColumn("Interval", orderable=False, default="")
    calls = NumberColumn(
        verbose_name="Calls a day, estimated",
        orderable=False,
        attrs={"th": {"title": CALLS}},
    )
    last_sync = TimeColumn(verbose_name="Last sync", accessor="last_sync_at")
    last_activity = TimeColumn(
        verbose_name="Last activity",
        accessor="workspace__last_activity_at",
        missing="unknown",
    )

    class Meta:
        order_by = "name"
        empty_text = "The platform has no workspaces yet."

    def __init__(
        self, pages: WorkspacePages | None, actions: Actions, **kwargs: Any
    ) -> None:
        """Without pages: a list whose rows the platform did not answer."""
        hidden = () if actions.bulk else ("selection",)
        super().__init__([] if pages is None else pages, exclude=hidden, **kwargs)
