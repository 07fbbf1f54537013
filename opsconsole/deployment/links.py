"""Which repositories of workspaces the sync does not know, counted and named."""

from dataclasses import dataclass

from opsconsole.platform.db import fetch
from opsconsole.platform.models import WorkspaceRepository
from opsconsole.platform.querysets import WorkspaceRepositoryQuerySet as Links

NAMED = 5  # repositories called by name
READS = (
    "repositories.full_name",
    "tracked_repositories.repository_id",
    "workspace_repositories.repository_id",
    "workspace_repositories.workspace_id",
    "workspace_tracked_repositories.tracked_repository_id",
    "workspace_tracked_repositories.workspace_id",
    "workspaces.is_active",
)
# Source: migration 20260319000001; without it nothing that people add is ever synced.
TRIGGER = """
    SELECT tgenabled <> 'D' AS awake FROM pg_trigger
    WHERE tgname = 'trg_sync_workspace_tracked_repos'
        AND tgrelid = to_regclass('workspace_repositories')
"""


@dataclass(frozen=True)
class Named:
    """How many links there are, and the first of their repositories by name."""

    total: int
    names: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The names: "acme/app, acme/web and 3 more"."""
        more = self.total - len(self.names)
        return ", ".join(self.names) + (f" and {more:,} more" if more else "")


def living() -> Links:
    """The links of workspaces that their owners have not deleted."""
    links: Links = WorkspaceRepository.objects.of_living_workspaces()
    return links


def named(links: Links) -> Named:
    """Count them; a repository in several workspaces is named once for each."""
    total = links.count()
    names = links.order_by("repository__full_name", "pk")
    found = names.values_list("repository__full_name", flat=True)[:NAMED]
    return Named(total, tuple(found) if total else ())


def trigger_is_awake() -> bool | None:
    """Whether new links reach the sync by themselves; None without the trigger."""
    found = fetch(TRIGGER)
    return bool(found[0]["awake"]) if found else None
