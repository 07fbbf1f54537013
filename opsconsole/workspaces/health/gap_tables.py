"""The lists of what nothing syncs."""

import django_tables2 as tables

from opsconsole.web.tables import LinkColumn, Table, TierColumn, TimeColumn
from opsconsole.workspaces.columns import GitHubColumn
from opsconsole.workspaces.health.gaps import Gap, Links


class GapTable(Table):
    """One row per workspace and repository."""

    tiebreak = ""

    repository = GitHubColumn("Repository", accessor="full_name", orderable=False)
    workspace = LinkColumn(
        "Workspace",
        accessor="name",
        linkify=("workspaces:detail", [tables.A("workspace_id")]),
        below="state",
        orderable=False,
    )
    tier = TierColumn(verbose_name="Tier", orderable=False)
    added = TimeColumn(
        verbose_name="Added", accessor="added_at", missing="unknown", orderable=False
    )

    def __init__(self, links: Links, gap: Gap) -> None:
        super().__init__(links)
        self.gap = gap
        self.label = f"{gap.word.capitalize()} repositories"

    @property
    def empty_sentence(self) -> str:
        return f"No repository is {self.gap.word}."
