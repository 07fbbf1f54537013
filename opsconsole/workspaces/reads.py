"""What each page reads of the platform, as `needs` takes it: "table.column"."""


def columns(table: str, names: str) -> tuple[str, ...]:
    """The needs for some columns of one table, their names divided by blanks."""
    return tuple(f"{table}.{name}" for name in names.split())


SYNC = "workspace_tracked_repositories"
LINKS = columns("workspace_repositories", "workspace_id repository_id")
TRACKED = columns("tracked_repositories", "repository_id")
NAMES = columns("repositories", "full_name")

WORKSPACES = (
    *columns(
        "workspaces",
        "name slug tier max_repositories last_activity_at is_active",
    ),
    *columns(SYNC, "workspace_id last_sync_status last_sync_at"),
    *LINKS,
    *NAMES,
)
CONDITIONS = columns(
    SYNC, "fetch_issues last_sync_at last_sync_status next_sync_at sync_attempts"
)
ROWS = (
    *CONDITIONS,
    *columns(
        SYNC,
        "workspace_id tracked_repository_id is_active last_sync_error sync_frequency_hours",
    ),
    *columns("workspaces", "name tier is_active"),
    *columns("repositories", "has_issues"),
    *TRACKED,
    *NAMES,
)
WORKSPACE = (
    *WORKSPACES,
    *ROWS,
    *columns("workspaces", "owner_id data_retention_days created_at"),
    *columns("workspace_members", "workspace_id accepted_at"),
    *columns("app_users", "email display_name"),
)
UNSYNCED = (*LINKS, *TRACKED, *columns(SYNC, "workspace_id tracked_repository_id"))
OVERVIEW = (*columns("workspaces", "tier is_active"), *CONDITIONS)
