"""kill -9 of the worker at each point where the two databases can disagree."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from opsconsole.operations import decisions
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests import factories

pytestmark = pytest.mark.platform

WORKER = """
import os, signal, sys
import django
django.setup()
from opsconsole.operations import engine, tasks

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

store = engine._store
def store_and_die(*args):
    store(*args)
    die()

point = sys.argv[2]
if point == "before the lock":
    engine._write = die
elif point == "before the result is stored":
    engine._store = die
elif point == "between the stored result and the platform's commit":
    engine._store = store_and_die
else:
    engine._mark = die
tasks.work(int(sys.argv[1]))
"""
COMMITTED = "between the platform's commit and the console's"
POINTS = [
    "before the lock",
    "before the result is stored",
    "between the stored result and the platform's commit",
    COMMITTED,
]


@pytest.fixture
def crashed(platform_sql, reset_plan, operator):
    """A run of two rows, one of which drifted, whose worker was killed at a point."""

    def crash(point):
        factories.failed(platform_sql)
        drifted = factories.failed(platform_sql)
        run = reset_plan()
        platform_sql(
            "UPDATE workspace_tracked_repositories SET sync_attempts = 9 WHERE id = %s",
            drifted,
        )
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        argv = [sys.executable, "-c", WORKER, str(run.pk), point]
        assert subprocess.run(argv, check=False).returncode == -9
        return run

    return crash


def take_over(run):
    """What the sweep does once the dead worker's lease has run out."""
    assert work(run.pk) == "held or finished"
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work(run.pk)
    run.refresh_from_db()


@pytest.mark.parametrize("point", POINTS)
def test_finishes_with_exact_counts(crashed, platform_sql, point):
    run = crashed(point)
    written = platform_sql(
        "SELECT count(*) FROM workspace_tracked_repositories WHERE last_sync_status IS NULL"
    )
    assert written == [(1 if point == COMMITTED else 0,)]

    take_over(run)

    assert run.state == State.APPLIED_WITH_PROBLEMS, run.error
    assert (run.rows_written, run.rows_found, run.rows_skipped) == (1, 0, 1)
    attempts = platform_sql(
        "SELECT sync_attempts FROM workspace_tracked_repositories ORDER BY 1"
    )
    assert attempts == [(0,), (9,)]


def test_asks_the_rows_when_the_platform_forgot_the_transaction(crashed, platform_sql):
    """A restored or very old platform does not know the id; the rows still tell."""
    run = crashed(COMMITTED)
    Chunk.objects.update(xid="9000000000")

    take_over(run)

    assert (run.rows_written, run.rows_found, run.rows_skipped) == (1, 0, 1)


def test_gives_up_when_every_worker_dies_at_the_same_place(crashed):
    run = crashed("before the lock")
    Run.objects.update(attempts=5, lease_until=timezone.now() - timedelta(seconds=1))

    assert work(run.pk) == "failed"

    run.refresh_from_db()
    assert run.state == State.FAILED
    assert "5 workers in a row died" in run.error
