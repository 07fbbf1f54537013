"""The engine's promise: what was planned is written, what changed since is left alone."""

import pytest

from opsconsole.operations import decisions, planner
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests import factories

pytestmark = pytest.mark.platform
ALL = {"repositories": [], "workspace": None, "all_failed": True}


@pytest.fixture
def planned(platform_sql, operator):
    """Plan a reset of all failed repositories."""

    def plan(**params):
        request = planner.Request(operator, "browser")
        return planner.plan(OPERATIONS["reset-failed-sync"], ALL | params, request)

    return plan


@pytest.fixture
def applied(planned, operator):
    """Confirm and work off a plan."""

    def apply(run):
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        work(run.pk)
        run.refresh_from_db()
        return run

    return apply


def row(platform_sql, key):
    return platform_sql(
        "SELECT last_sync_status, last_sync_error, sync_attempts, next_sync_at"
        " FROM workspace_tracked_repositories WHERE id = %s",
        key,
    )[0]


class TestPlan:
    def test_stores_key_before_and_after_of_each_row(self, platform_sql, planned):
        key = factories.failed(platform_sql, last_sync_error="broken %s {x} 'y'")
        factories.tracked(platform_sql)

        run = planned()

        chunk = Chunk.objects.get(step__run=run)
        assert run.state == State.PLANNED
        assert chunk.keys == [key]
        assert chunk.before == {
            "last_sync_error": ["broken %s {x} 'y'"],
            "last_sync_status": ["failed"],
            "next_sync_at": ["2026-01-02 03:04:05.678901+00"],
            "sync_attempts": ["3"],
        }
        assert chunk.after["sync_attempts"] == "0"
        assert chunk.after["last_sync_error"] is None


class TestApply:
    def test_writes_exactly_the_planned_rows(self, platform_sql, planned, applied):
        key = factories.failed(platform_sql)
        other = factories.tracked(platform_sql)
        before = row(platform_sql, other)

        run = applied(planned())

        assert run.state == State.APPLIED, run.error
        assert row(platform_sql, key) == (None, None, 0, run.planned_at)
        assert row(platform_sql, other) == before
        assert (run.rows_planned, run.rows_written) == (1, 1)
