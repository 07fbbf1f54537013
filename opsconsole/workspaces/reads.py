"""What each page reads of the platform, as `needs` takes it: "table.column"."""

from opsconsole.history import counting


def columns(table: str, names: str) -> tuple[str, ...]:
    """The needs for some columns of one table, their names divided by blanks."""
    return tuple(f"{table}.{name}" for name in names.split())


SYNC = "workspace_tracked_repositories"
LINKS = columns("workspace_repositories", "workspace_id repository_id")
TRACKED = columns("tracked_repositories", "repository_id")
NAMES = columns("repositories", "full_name")

ROWS = (
    *counting.NEEDS,
    *columns(SYNC, "added_at"),
    *columns("workspaces", "name"),
)
WORKSPACES = (
    *counting.NEEDS,
    *LINKS,
    *columns("workspaces", "name slug max_repositories last_activity_at"),
)
WORKSPACE = (
    *LINKS,
    *columns(
        "workspaces",
        "name slug tier max_repositories last_activity_at is_active"
        " owner_id data_retention_days created_at",
    ),
    *columns("workspace_members", "workspace_id accepted_at"),
    *columns("app_users", "email display_name"),
)
REPOSITORY = (
    *ROWS,
    *columns(SYNC, "data_retention_days notes total_issues_fetched"),
    *columns(
        "repositories", "stargazers_count open_issues_count is_private is_archived"
    ),
)
UNSYNCED = (
    *LINKS,
    *TRACKED,
    *NAMES,
    *columns("workspace_repositories", "added_at"),
    *columns("workspaces", "name tier is_active"),
    *columns(SYNC, "workspace_id tracked_repository_id"),
)
