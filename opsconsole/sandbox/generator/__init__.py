"""Fill the platform with made-up but believable data, the same for the same seed and moment."""

from collections import Counter
from datetime import datetime

import psycopg

from opsconsole.sandbox.generator import activity, leftovers, people, tracking
from opsconsole.sandbox.generator import repositories as github
from opsconsole.sandbox.generator import workspaces as customers
from opsconsole.sandbox.generator.copying import Rows, copy_rows
from opsconsole.sandbox.generator.scales import SCALES, Counts, Scale
from opsconsole.sandbox.generator.world import World

__all__ = ["SCALES", "Counts", "Scale", "World", "load", "tables"]


def load(url: str, scale: Scale | str, *, seed: int = 1, now: datetime) -> Counts:
    """Fill an empty platform, all or nothing; return the rows written, by table.

    `url` leads to it as superuser: triggers and foreign keys are passed over for speed,
    so what they would keep in step is worked out here. `now` carries its time zone.
    """
    size = SCALES[scale] if isinstance(scale, str) else scale
    made = tables(World(size, seed, now))
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET statement_timeout = 0")
        written = {
            table: copy_rows(connection, table, rows) for table, rows in made.items()
        }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    return Counts(**written)


def tables(world: World) -> dict[str, Rows]:
    """Return the rows of each table, parents before children."""
    users = people.users(world)
    community = people.contributors(world)
    workspaces = customers.workspaces(world, users)
    repositories = github.repositories(world)
    links = tracking.links(world, workspaces, repositories)
    sizes = Counter(link.workspace.id for link in links)
    uses = Counter(link.repository.id for link in links if link.synced)
    return {
        "app_users": people.user_rows(world, users),
        "subscriptions": customers.subscription_rows(world, workspaces),
        "workspaces": customers.workspace_rows(world, workspaces, sizes),
        "workspace_members": customers.member_rows(world, workspaces, users),
        "repositories": github.repository_rows(world, repositories),
        "tracked_repositories": github.tracked_rows(world, repositories, uses),
        "workspace_repositories": tracking.workspace_repository_rows(world, links),
        "workspace_tracked_repositories": tracking.link_rows(world, links),
        "contributors": people.contributor_rows(world, community),
        "issues": activity.issue_rows(world, repositories, community),
        "daily_activity_metrics": activity.metric_rows(world, repositories),
        "workspace_issues_cache": leftovers.cache_rows(world, workspaces),
        "sync_logs": leftovers.log_rows(world, repositories),
        "progressive_capture_jobs": leftovers.job_rows(world, repositories),
        "rate_limits": leftovers.limit_rows(world),
    }
