"""Retry now: the failure is gone and exactly these are synced."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.operations.states import State
from tests import factories
from tests.operations.outside import busy_names

pytestmark = pytest.mark.platform
NOW = datetime.now(UTC)
WTR = "workspace_tracked_repositories"
STATE = f"SELECT last_sync_status, last_sync_error, sync_attempts, last_sync_at > %s FROM {WTR} WHERE id = %s"


def test_takes_the_row_that_was_reset(standin, platform_sql, plan, applied):
    """Trap 3.3.7: the runbook's limit 1 takes whatever has the highest priority."""
    workspace = factories.workspace(platform_sql)
    held = {"last_sync_at": NOW - timedelta(hours=30)}
    mine, theirs = (
        factories.failed(
            platform_sql, workspace, name=name, priority_score=score, **held
        )
        for name, score in zip(busy_names(2), (1, 99), strict=True)
    )

    run = applied(plan("retry-now", repositories=[mine]))

    assert run.state == State.APPLIED, (run.error, run.verification)
    assert platform_sql(STATE, NOW, mine) == [("success", None, 0, True)]
    [(status, error, attempts, synced)] = platform_sql(STATE, NOW, theirs)
    assert (status, attempts, synced) == ("failed", 3, False)
    assert error


def test_the_failure_that_comes_again_is_shown(standin, platform_sql, plan, applied):
    [name] = busy_names(1)
    key = factories.failed(platform_sql, name=name)
    standin.faults.add({"repository": name, "fault": "not_json"})

    run = applied(plan("retry-now", repositories=[key]))

    assert run.state == State.APPLIED_WITH_PROBLEMS
    assert any(name in said["sentence"] for said in run.verification)
    assert platform_sql(STATE, NOW, key)[0][0] == "failed"


def test_means_the_failed_ones(standin, platform_sql, plan):
    workspace = factories.workspace(platform_sql)
    failed = factories.failed(platform_sql, workspace)
    factories.tracked(platform_sql, workspace)

    run = plan("retry-now", workspace=workspace)

    [wave] = run.facts["waves"]
    assert wave["rows"] == [str(failed)]


def test_an_undo_brings_the_failure_back_where_nothing_synced(
    standin, platform_sql, plan, applied, undone
):
    [name] = busy_names(1)
    key = factories.failed(platform_sql, name=name)
    whole = f"SELECT to_jsonb(t) FROM {WTR} t WHERE id = %s"
    before = platform_sql(whole, key)
    standin.faults.add({"repository": name, "fault": "empty"})

    undone(applied(plan("retry-now", repositories=[key])))

    assert platform_sql(whole, key) == before
