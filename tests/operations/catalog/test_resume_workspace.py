"""Resume workspace: all of its repositories, and what that means is said."""

import pytest

from opsconsole.operations.catalog.resume_workspace import ResumeWorkspace
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"


def test_lets_the_sync_take_all_of_it_and_back(platform_sql, plan, applied, undone):
    team = factories.workspace(platform_sql, tier="team")
    for fetch in (True, False, None):
        factories.tracked(platform_sql, team, fetch_issues=fetch, is_active=False)
    factories.tracked(platform_sql, fetch_issues=False)
    whole = f"SELECT id, to_jsonb(t) FROM {WTR} t"
    before = dict(platform_sql(whole))

    run = applied(plan("resume-workspace", workspace=team))

    assert (run.state, run.rows_written) == (State.APPLIED, 2), run.error
    assert dict(platform_sql(whole)) == {
        key: {**row, "fetch_issues": True} if row["workspace_id"] == str(team) else row
        for key, row in before.items()
    }
    assert undone(run).state == State.APPLIED
    assert dict(platform_sql(whole)) == before


def test_says_what_it_cannot_tell_apart(platform_sql, plan, verdicts_of):
    workspace = factories.workspace(platform_sql)
    factories.tracked(platform_sql, workspace, fetch_issues=False)

    said = verdicts_of(plan("resume-workspace", workspace=workspace))

    assert said["All of them"][1].endswith("undo its run.")
    assert "Coverage gap" in said


def test_asks_for_workspaces_alone(databases):
    assert [*ResumeWorkspace.Form().fields] == [
        "workspaces",
        "workspace",
        "workspaces_matching",
    ]
