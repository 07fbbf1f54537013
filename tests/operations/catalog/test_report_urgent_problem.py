"""Report an urgent problem: one issue, labelled, never twice."""

import pytest

from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State

pytestmark = pytest.mark.platform
PROBLEM = {"title": "Syncs stand still", "text": "Since 03:00 nothing has synced."}


def test_opens_an_issue_labelled_urgent(standin, plan, applied):
    run = applied(plan("report-urgent-problem", **PROBLEM))

    assert run.state == State.APPLIED, (run.error, run.verification)
    answer = Chunk.objects.get(step__run=run).answer
    [issue] = standin.github.opened
    assert (issue["title"], [one["name"] for one in issue["labels"]]) == (
        "Syncs stand still",
        ["urgent"],
    )
    assert answer["issue"] == issue["number"]


def test_a_lost_answer_is_unknown_and_never_repeated(standin, plan, applied):
    lost = {"endpoint": "POST */issues", "lost": True, "done": "all", "times": 1}
    standin.faults.add(lost)

    run = applied(plan("report-urgent-problem", **PROBLEM))

    assert run.state == State.APPLIED_WITH_PROBLEMS
    assert len(standin.github.opened) == 1
