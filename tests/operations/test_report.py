"""A run as text and as JSON, whatever its steps are."""

import json

import pytest

from opsconsole.operations.terminal import report
from tests import factories

pytestmark = pytest.mark.platform
CALL = {
    "kind": "call",
    "title": "Disable the workflow",
    "table": "",
    "noun": "call",
    "optional": True,
    "rows": 1,
    "unchanged": 0,
    "note": "What the service answers cannot be known before.",
    "targets": [{"label": "capture", "request": {"method": "PUT"}}],
}
MOVE = {
    "kind": "move rows",
    "title": "Archive",
    "table": "daily_activity_metrics",
    "noun": "row",
    "optional": False,
    "rows": 1_020,
    "unchanged": 0,
    "samples": [],
}


@pytest.fixture
def run(platform_sql, reset_plan):
    factories.failed(platform_sql)
    return reset_plan()


def test_steps_without_columns_or_tiers(run):
    run.summary = {"steps": [CALL, MOVE], "verdicts": []}

    text = report.as_text(run)

    assert "\nDisable the workflow: 1 call\n  If it fails, the run goes on.\n" in text
    assert "\n  What the service answers cannot be known before.\n" in text
    assert "\nArchive: 1,020 rows of daily_activity_metrics\n" in text
    assert report.as_json(run)["steps"] == [CALL, MOVE]


def test_steps_on_rows(run):
    text = report.as_text(run)

    place = "workspace_tracked_repositories"
    assert f"\nClear the failure: 1 row of {place}\n" in text
    assert "\n  free: 1 row in 1 workspace\n" in text
    assert "\n  sync_attempts: 3 -> 0 (1 row)\n" in text
    assert "  last_sync_status: failed -> none (1 row)\n" in text


def test_a_plan_that_is_still_made(run):
    run.summary, run.state = {}, "planning"

    assert report.as_text(run).endswith("State: planning.\n")
    assert report.as_json(run)["steps"] == []
    assert report.as_json(run)["next"].startswith("A worker works the plan out")


def test_a_script_finds_the_way_back(run, applied, undone):
    made = applied(run)

    answer = json.loads(json.dumps(report.as_json(made), default=str))
    assert (answer["undos"], answer["undo_of"]) == ([], None)
    assert answer["undo_until"].startswith(str(made.undo_until.date()))
    assert f"run_operation --undo {made.pk}." in report.as_text(made)

    undo = undone(made)
    made.refresh_from_db()
    assert report.as_json(made)["undos"] == [undo.pk]
    assert "--undo" not in report.as_text(made)
    assert f"It undoes run {made.pk}." in report.as_text(undo)
