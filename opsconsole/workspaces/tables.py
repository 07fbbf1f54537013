"""The list of workspaces."""

import django_tables2 as tables

from opsconsole.web.tables import (
    LinkColumn,
    NumberColumn,
    Table,
    TierColumn,
    TimeColumn,
    UsageColumn,
)
from opsconsole.workspaces.columns import FailedColumn


class WorkspaceTable(Table):
    """One row per workspace; the columns are those of `listing.rows_of`."""

    label = "Workspaces"
    empty_filtered_text = "No workspace matches. Change or clear the filters."

    name = LinkColumn(
        "Workspace", linkify=("workspaces:detail", [tables.A("id")]), below="slug"
    )
    tier = TierColumn(verbose_name="Tier")
    usage = UsageColumn(
        "Repositories",
        accessor="repositories",
        limit="max_repositories",
        noun="repositories",
    )
    tracked = NumberColumn(verbose_name="Tracked", orderable=False)
    failed = FailedColumn("Failed")
    last_sync = TimeColumn(verbose_name="Last sync", accessor="last_sync_at")
    last_activity_at = TimeColumn(
        verbose_name="Last activity", orderable=False, missing="unknown"
    )

    class Meta:
        order_by = "name"
        empty_text = "The platform has no workspaces yet."
