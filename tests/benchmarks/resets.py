"""Reset failed sync through the engine against the runbook's one UPDATE."""

from collections.abc import Iterator

import psycopg

from opsconsole.accounts.models import User
from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.planning import planner
from opsconsole.operations.tasks import work
from tests.benchmarks.measuring import ratio, timed

KEEP = """
CREATE TABLE failed_before AS
SELECT id, last_sync_status, last_sync_error, sync_attempts, next_sync_at
FROM workspace_tracked_repositories WHERE last_sync_status = 'failed'
"""
PUT_BACK = """
UPDATE workspace_tracked_repositories t
SET last_sync_status = f.last_sync_status, last_sync_error = f.last_sync_error,
    sync_attempts = f.sync_attempts, next_sync_at = f.next_sync_at
FROM failed_before f WHERE f.id = t.id
"""
BARE = """
UPDATE workspace_tracked_repositories
SET sync_attempts = 0, last_sync_error = NULL, last_sync_status = NULL, next_sync_at = now()
WHERE last_sync_status = 'failed'
"""
EVERYTHING = {"repositories": [], "workspace": None, "all_failed": True}


def measure(maintenance: str, rounds: int) -> Iterator[str]:
    with psycopg.connect(maintenance, autocommit=True) as platform:
        platform.execute(KEEP)
        planning, applying, bare = [], [], []
        for _ in range(rounds):
            run = planned(planning)
            applying.append(timed(lambda r=run: apply(r)))
            run.refresh_from_db()
            assert run.state == "applied", (run.state, run.error)
            fresh(platform)
            bare.append(timed(lambda: platform.execute(BARE)))
            fresh(platform)
        whole = [plan + write for plan, write in zip(planning, applying, strict=True)]
        yield f"  {run.rows_planned:,} rows"
        yield ratio("whole (plan, journal, apply, verify)", whole, bare)
        yield ratio("plan and journal", planning, bare)
        yield ratio("apply and verify", applying, bare)
        longest = max(Chunk.objects.values_list("lock_ms", flat=True))
        yield f"  longest lock of a chunk: {longest} ms; bare: all rows for {min(bare) * 1000:,.0f} ms"


def planned(times: list[float]) -> Run:
    user = User.objects.get(username="bench")
    request = planner.Request(user, "terminal")
    operation = OPERATIONS["reset-failed-sync"]
    runs: list[Run] = []
    times.append(
        timed(lambda: runs.append(planner.plan(operation, EVERYTHING, request)))
    )
    return runs[0]


def apply(run: Run) -> None:
    user = User.objects.get(username="bench")
    decisions.confirm(run, user, reason="benchmark", plan_hash=run.plan_hash)
    while not run.is_finished:
        work(run.pk)
        run.refresh_from_db()


def fresh(platform: psycopg.Connection) -> None:
    """The rows as they were, without the dead versions of the round before."""
    platform.execute(PUT_BACK)
    platform.execute("VACUUM workspace_tracked_repositories")
