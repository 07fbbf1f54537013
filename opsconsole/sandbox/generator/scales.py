"""How much of a platform to make."""

from typing import NamedTuple


class Scale(NamedTuple):
    """Sizes to aim at; what follows from them comes out near, not exact."""

    workspaces: int
    repositories: int
    links: int  # rows of workspace_tracked_repositories
    issues: int
    active_repositories: int  # those with 120 days of metrics
    logs: int  # sync_logs, and as many capture jobs


SCALES = {
    "demo": Scale(300, 2_600, 2_500, 4_000, 60, 600),
    "S": Scale(1_000, 4_000, 9_800, 5_000, 60, 600),
    "M": Scale(20_000, 80_000, 208_000, 10_000, 100, 2_000),
    "L": Scale(100_000, 400_000, 1_025_000, 10_000, 100, 2_000),
}


class Counts(NamedTuple):
    """Rows written, by table."""

    app_users: int
    subscriptions: int
    workspaces: int
    workspace_members: int
    repositories: int
    tracked_repositories: int
    workspace_repositories: int
    workspace_tracked_repositories: int
    contributors: int
    issues: int
    daily_activity_metrics: int
    workspace_issues_cache: int
    sync_logs: int
    progressive_capture_jobs: int
    rate_limits: int
