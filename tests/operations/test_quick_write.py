"""A chunk is written without a lock before; what moves at that moment is looked at again."""

import threading
import time

import psycopg
import pytest
from django.db import connections

from opsconsole.operations.models import Chunk
from opsconsole.operations.showing.outcomes import Outcome, RowList
from tests import factories
from tests.conftest import PLATFORM

pytestmark = pytest.mark.platform
TABLE = "workspace_tracked_repositories"


@pytest.fixture
def meanwhile(applied):
    """Apply a run while somebody's open transaction has done this to a row of it."""

    def run_beside(run, sql, key):
        with psycopg.connect(PLATFORM) as other:
            other.execute(f"UPDATE {TABLE} SET {sql} WHERE id = %s", [key])
            done = threading.Thread(target=in_a_thread, args=(applied, run))
            done.start()
            wait_until_it_waits()
            other.commit()
            done.join()
        run.refresh_from_db()
        return run

    return run_beside


def in_a_thread(applied, run):
    applied(run)
    connections.close_all()


def wait_until_it_waits():
    with psycopg.connect(PLATFORM, autocommit=True) as look:
        for _ in range(200):
            if look.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
            ).fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("The run does not wait for the row.")


def status(platform_sql, key):
    return platform_sql(f"SELECT last_sync_status FROM {TABLE} WHERE id = %s", key)[0][
        0
    ]


def test_another_column_that_moves_at_that_moment_does_not_matter(
    platform_sql, reset_plan, meanwhile
):
    key, other = factories.failed(platform_sql), factories.failed(platform_sql)

    run = meanwhile(reset_plan(), "total_issues_fetched = 77", key)

    assert (run.state, run.rows_written) == ("applied", 2)
    assert status(platform_sql, key) is status(platform_sql, other) is None


def test_a_value_that_moves_at_that_moment_is_left_alone(
    platform_sql, reset_plan, meanwhile
):
    key = factories.failed(platform_sql)

    run = meanwhile(reset_plan(), "sync_attempts = 9", key)

    [skipped] = RowList(run, Outcome.SKIPPED)[:10]
    assert (skipped.key, skipped.why) == (key, "changed")
    assert status(platform_sql, key) == "failed"


def test_a_row_that_leaves_the_selection_at_that_moment_is_left_alone(
    platform_sql, plan, meanwhile
):
    """By a column that the run does not write: a statement of its own would not see it."""
    key = factories.tracked(platform_sql, priority_score=50, last_sync_status="failed")
    run = plan("set-priority", matching="word=failed", priority=60)
    assert run.rows_planned == 1

    run = meanwhile(run, "last_sync_status = 'success'", key)

    [skipped] = RowList(run, Outcome.SKIPPED)[:10]
    assert (skipped.key, skipped.why) == (key, "left the selection")


def test_no_chunk_that_nobody_touches_is_locked_before(
    platform_sql, reset_plan, applied
):
    factories.failed(platform_sql)
    seen = []

    def note(execute, sql, params, many, context):
        seen.append(sql if isinstance(sql, str) else sql.as_string())
        return execute(sql, params, many, context)

    with connections["platform_write"].execute_wrapper(note):
        run = applied(reset_plan())

    assert run.state == "applied"
    assert not any("FOR NO KEY UPDATE" in sql for sql in seen)
    assert Chunk.objects.get().rows_written == 1
