"""Pause repository: the switch that the sync function reads."""

import pytest

from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"


def test_takes_it_out_of_the_sync_and_leaves_is_active(platform_sql, plan, applied):
    """Runbook: it sets is_active, and such rows go on syncing."""
    key = factories.tracked(platform_sql, is_active=True)
    factories.tracked(platform_sql)
    whole = f"SELECT to_jsonb(t) FROM {WTR} t WHERE id = %s"
    [(before,)] = platform_sql(whole, key)

    run = applied(plan("pause-repository", repositories=[key]))

    assert run.state == State.APPLIED, run.error
    [(after,)] = platform_sql(whole, key)
    assert {n for n in before if before[n] != after[n]} == {"fetch_issues"}
    assert after["fetch_issues"] is False
    syncing = WorkspaceTrackedRepository.objects.syncing()
    assert key not in set(syncing.values_list("pk", flat=True))


def test_keeps_that_it_was_not_set(platform_sql, plan):
    key = factories.tracked(platform_sql, fetch_issues=None)

    run = plan("pause-repository", repositories=[key])

    chunk = Chunk.objects.get(step__run=run)
    assert (chunk.before, chunk.after) == (
        {"fetch_issues": [None]},
        {"fetch_issues": "false"},
    )


def test_counts_what_is_paused_already(platform_sql, plan):
    workspace = factories.workspace(platform_sql)
    factories.tracked(platform_sql, workspace, fetch_issues=False)
    factories.tracked(platform_sql, workspace)

    run = plan("pause-repository", workspace=workspace)

    assert (run.rows_planned, run.steps.get().rows_unchanged) == (1, 1)


def test_helps_those_that_are_inactive_but_syncing(
    platform_sql, plan, applied, keys_of
):
    key = factories.tracked(platform_sql, is_active=False)
    factories.tracked(platform_sql)

    run = plan("pause-repository", matching="word=inactive+but+syncing")

    assert keys_of(run) == {key}
    assert applied(run).state == State.APPLIED


@pytest.mark.parametrize(("rows", "risk"), [(50, "routine"), (51, "elevated")])
def test_many_rows_are_no_routine(platform_sql, plan, rows, risk):
    workspace = factories.workspace(platform_sql)
    for _ in range(rows):
        factories.tracked(platform_sql, workspace)

    assert plan("pause-repository", workspace=workspace).risk == risk
