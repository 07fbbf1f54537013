"""Pause workspace: all of its repositories, by the switch that the sync function reads."""

from datetime import UTC, datetime

import pytest

from opsconsole.operations.catalog.pause_workspace import PauseWorkspace
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests import factories
from tests.operations.catalog import runbook

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"


@pytest.fixture
def workspace(platform_sql):
    """A workspace of the team tier with a repository in each state of the two switches."""
    made = factories.workspace(platform_sql, tier="team")
    for fetch in (True, False, None):
        for active in (True, False):
            factories.tracked(platform_sql, made, fetch_issues=fetch, is_active=active)
    return made


def test_takes_all_of_it_out_of_the_sync_and_back(
    platform_sql, workspace, plan, applied, undone
):
    factories.tracked(platform_sql)
    whole = f"SELECT id, to_jsonb(t) FROM {WTR} t"
    before = dict(platform_sql(whole))

    run = applied(plan("pause-workspace", workspace=workspace))

    assert (run.state, run.rows_written) == (State.APPLIED, 4), run.error
    assert dict(platform_sql(whole)) == {
        key: {**row, "fetch_issues": False}
        if row["workspace_id"] == str(workspace)
        else row
        for key, row in before.items()
    }
    assert undone(run).state == State.APPLIED
    assert dict(platform_sql(whole)) == before


def test_the_runbooks_switch_stops_nothing(platform_sql, workspace):
    """Trap 3.2 e: is_active is not read."""
    with runbook.tried(platform_sql, runbook.STOP_ALL):
        taken = f"SELECT count(*) FROM {WTR} WHERE fetch_issues"
        assert platform_sql(taken) == [(2,)]


def test_several_workspaces(platform_sql, workspace, plan, keys_of):
    other = factories.workspace(platform_sql)
    key = factories.tracked(platform_sql, other)
    factories.tracked(platform_sql)

    run = plan("pause-workspace", workspaces=[str(workspace), str(other)])

    assert run.rows_planned == 5
    assert key in keys_of(run)


def test_what_is_added_meanwhile_is_found(platform_sql, workspace, plan, applied):
    """Trap 3.5.2: the platform's trigger makes a row that syncs at once."""
    run = applied(plan("pause-workspace", workspace=workspace))
    tracked = factories.tracked(platform_sql)
    [(repository,)] = platform_sql(
        "SELECT repository_id FROM tracked_repositories JOIN"
        f" {WTR} t ON t.tracked_repository_id = tracked_repositories.id WHERE t.id = %s",
        tracked,
    )
    [(owner,)] = platform_sql(
        "SELECT owner_id FROM workspaces WHERE id = %s", workspace
    )
    factories.insert(
        platform_sql,
        "workspace_repositories",
        workspace_id=workspace,
        repository_id=repository,
        added_by=owner,
    )

    [verdict] = PauseWorkspace().proofs(run, Moment(datetime.now(UTC)))

    assert verdict.level == "warning"
    assert verdict.sentence.startswith("1 row in the sync: added or switched on")
    assert WorkspaceTrackedRepository.objects.syncing().count() == 2


def test_says_whom_it_touches(workspace, plan, verdicts_of):
    said = verdicts_of(plan("pause-workspace", workspace=workspace))

    assert said["Paid tiers"] == (
        "warning",
        "4 rows of team: paying customers are touched.",
    )
    assert "adds to the workspace later syncs" in said["What is added"][1]


def test_asks_for_workspaces_alone(databases):
    assert [*PauseWorkspace.Form().fields] == [
        "workspaces",
        "workspace",
        "workspaces_matching",
    ]
    assert "Give exactly one of: workspaces, workspace, workspaces matching." in str(
        PauseWorkspace.Form({}).errors
    )
