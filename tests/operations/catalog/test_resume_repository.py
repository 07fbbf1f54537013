"""Resume repository: what comes back, and what a pause has cost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"


def paused(platform_sql, **values):
    """Paused, synced lately and due tomorrow, unless told otherwise."""
    now = timezone.now()
    defaults = {
        "fetch_issues": False,
        "last_sync_at": now - timedelta(hours=1),
        "next_sync_at": now + timedelta(hours=23),
    }
    return factories.tracked(platform_sql, **(defaults | values))


def test_switches_on_exactly_the_chosen_ones(platform_sql, plan, applied):
    key, unset = paused(platform_sql), paused(platform_sql, fetch_issues=None)
    other = paused(platform_sql)

    run = applied(plan("resume-repository", repositories=[key, unset]))

    assert run.state == State.APPLIED, run.error
    found = dict(platform_sql(f"SELECT id, fetch_issues FROM {WTR}"))
    assert found == {key: True, unset: True, other: False}
    before = Chunk.objects.get(step__run=run).before["fetch_issues"]
    assert sorted(before, key=str) == [None, "false"]


def test_of_those_that_sync_nothing_is_said(platform_sql, plan, verdicts_of):
    """Only what is paused is resumed; a row that syncs is counted as unchanged."""
    workspace = factories.workspace(platform_sql)
    factories.tracked(platform_sql, workspace, is_active=False)
    paused(platform_sql, workspace_id=workspace)

    run = plan("resume-repository", workspace=workspace)

    assert (run.rows_planned, run.steps.get().rows_unchanged) == (1, 1)
    assert set(verdicts_of(run)) == {"Work to do", "Blast radius"}


@pytest.mark.parametrize(("hours", "lost"), [(23.9, False), (24.1, True)])
def test_says_what_the_schedule_does_not_make_up_for(
    platform_sql, plan, verdicts_of, hours, lost
):
    last = timezone.now() - timedelta(hours=hours)
    paused(platform_sql, last_sync_at=last)
    paused(platform_sql, last_sync_at=None)

    said = verdicts_of(plan("resume-repository", matching="word=paused"))

    assert ("Coverage gap" in said) == lost
    if lost:
        assert said["Coverage gap"][0] == "warning"
        assert "1 row synced longer ago than the 24 h" in said["Coverage gap"][1]
        assert "the oldest 1 d ago" in said["Coverage gap"][1]


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"next_sync_at": "past"}, "When they sync", "1 row is due at once"),
        ({"next_sync_at": None}, "Never scheduled", "1 row without a next sync"),
        ({"is_active": False}, "Inactive but syncing", "1 row with is_active off"),
    ],
)
def test_says_how_they_come_back(platform_sql, plan, verdicts_of, values, name, words):
    if values.get("next_sync_at") == "past":
        values = {"next_sync_at": timezone.now() - timedelta(minutes=1)}
    key = paused(platform_sql, **values)

    said = verdicts_of(plan("resume-repository", repositories=[key]))

    assert words in said[name][1]


@pytest.mark.parametrize(("rows", "risk"), [(50, "routine"), (51, "elevated")])
def test_many_rows_are_no_routine(platform_sql, plan, rows, risk):
    workspace = factories.workspace(platform_sql)
    for _ in range(rows):
        paused(platform_sql, workspace_id=workspace)

    assert plan("resume-repository", workspace=workspace).risk == risk
