"""What the platform's other workers leave behind: caches, logs, jobs, limits."""

from collections.abc import Sequence
from datetime import timedelta

from psycopg.types.json import Jsonb

from opsconsole.sandbox.generator.copying import Rows
from opsconsole.sandbox.generator.repositories import Repository
from opsconsole.sandbox.generator.vocabulary import LABELS, NETWORK_ERRORS
from opsconsole.sandbox.generator.workspaces import Workspace
from opsconsole.sandbox.generator.world import World

RANGES = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}  # days
CACHED_WORKSPACES = 400  # at most, whatever the scale
SYNC_TYPES = {
    "incremental_sync": 0.6,
    "repository_sync": 0.3,
    "contributor_sync": 0.08,
    "full_sync": 0.02,
}
OUTCOMES = {"completed": 0.93, "failed": 0.04, "cancelled": 0.01, "started": 0.02}
JOB_TYPES = ("recent-prs", "historical-prs", "reviews", "comments", "issues", "commits")
JOB_STATUS = {"completed": 0.82, "failed": 0.06, "pending": 0.09, "processing": 0.03}


def cache_rows(world: World, workspaces: Sequence[Workspace]) -> Rows:
    """Yield numbers of workspaces, most of them expired, some of those stale as well."""
    dice = world.dice("cache")
    for workspace in workspaces[:CACHED_WORKSPACES]:
        for name, days in RANGES.items():
            if dice.chance(0.4):
                continue
            made = world.ago(hours=dice.expovariate(1 / 60))
            total = int(dice.expovariate(1 / (days * 3)))
            closed = int(total * dice.random())
            yield {
                "id": dice.identifier(),
                "workspace_id": workspace.id,
                "period_start": made - timedelta(days=days),
                "period_end": made,
                "time_range": name,
                "total_issues": total,
                "open_issues": total - closed,
                "closed_issues": closed,
                "avg_time_to_close_hours": round(dice.uniform(1, 400), 2),
                "issues_by_label": Jsonb({label: total // 8 for label, _ in LABELS}),
                "calculated_at": made,
                "expires_at": made + timedelta(hours=dice.choice((1, 6, 24))),
                "is_stale": dice.chance(0.2),
            }


def log_rows(world: World, repositories: Sequence[Repository]) -> Rows:
    """Yield two weeks of the other syncs; a few never ended."""
    dice = world.dice("logs")
    for _ in range(world.scale.logs):
        status = dice.pick(OUTCOMES)
        started = world.ago(hours=dice.uniform(0.1, 14 * 24))
        seen = int(dice.expovariate(1 / 80))
        ended = min(world.now, started + timedelta(seconds=dice.uniform(2, 240)))
        yield {
            "id": dice.identifier(),
            "sync_type": dice.pick(SYNC_TYPES),
            "repository_id": dice.popular(repositories).id,
            "status": status,
            "started_at": started,
            "completed_at": None if status == "started" else ended,
            "records_processed": seen,
            "records_inserted": seen // 3,
            "records_updated": seen - seen // 3,
            "error_message": dice.choice(NETWORK_ERRORS)
            if status == "failed"
            else None,
            "github_api_calls_used": 1 + seen // 100,
            "rate_limit_remaining": dice.randint(200, 5_000),
        }


def job_rows(world: World, repositories: Sequence[Repository]) -> Rows:
    """Yield capture jobs of a week; those in work for longer than minutes are stuck."""
    dice = world.dice("jobs")
    for _ in range(world.scale.logs):
        status = dice.pick(JOB_STATUS)
        created = world.ago(hours=dice.uniform(0.05, 7 * 24) * dice.random())
        started = min(world.now, created + timedelta(seconds=dice.uniform(1, 900)))
        ended = min(world.now, started + timedelta(seconds=dice.uniform(5, 1_500)))
        yield {
            "id": dice.identifier(),
            "job_type": dice.choice(JOB_TYPES),
            "repository_id": dice.popular(repositories).id,
            "processor_type": dice.choice(("inngest", "github_actions")),
            "status": status,
            "time_range_days": dice.choice((1, 7, 30)),
            "error": dice.choice(NETWORK_ERRORS) if status == "failed" else None,
            "created_at": created,
            "started_at": None if status == "pending" else started,
            "completed_at": ended if status in ("completed", "failed") else None,
        }


def limit_rows(world: World) -> Rows:
    """Yield the app's own API limits; they say nothing about GitHub's quota."""
    dice = world.dice("limits")
    for number in range(12):
        window = world.ago(minutes=dice.uniform(0, 60))
        yield {
            "key": f"workspace-sync:{number:02}",
            "request_count": dice.randint(1, 10),
            "window_start": window,
            "last_request": window + timedelta(seconds=dice.uniform(0, 30)),
        }
