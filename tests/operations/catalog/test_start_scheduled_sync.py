"""Start a scheduled sync: the workflow runs with these inputs, or says why not."""

import pytest

from opsconsole.integrations import github
from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State

pytestmark = pytest.mark.platform
INPUTS = {"workspace": None, "limit": 5, "hours_back": 30, "dry_run": True}


def test_starts_a_run(standin, plan, applied):
    run = applied(plan("start-scheduled-sync", **INPUTS))

    assert run.state == State.APPLIED, (run.error, run.verification)
    answer = Chunk.objects.get(step__run=run).answer
    [started] = github.runs(github.client(), event="workflow_dispatch").runs
    assert answer["workflow_run"] == started.id


def test_is_blocked_while_the_schedule_is_off(standin, plan, verdicts_of):
    """GitHub: 422, cannot trigger a disabled workflow."""
    github.disable(github.client())

    level, sentence = verdicts_of(plan("start-scheduled-sync", **INPUTS))[
        "The schedule now"
    ]

    assert (level, "switch it on" in sentence) == ("blocking", True)


def test_a_lost_answer_is_settled_by_the_list_of_runs(standin, plan, applied):
    lost = {"endpoint": "POST */dispatches", "lost": True, "done": "all", "times": 1}
    standin.faults.add(lost)

    run = applied(plan("start-scheduled-sync", **INPUTS))

    assert run.state == State.APPLIED, (run.error, run.verification)
    assert github.runs(github.client(), event="workflow_dispatch").total == 1


def test_one_that_nobody_finds_is_unknown_and_not_repeated(standin, plan, applied):
    standin.faults.add({"endpoint": "POST */dispatches", "lost": True})

    run = applied(plan("start-scheduled-sync", **INPUTS))

    assert run.state == State.APPLIED_WITH_PROBLEMS
    chunk = Chunk.objects.get(step__run=run)
    assert chunk.exceptions["0"]["why"].startswith("unknown")
    assert github.runs(github.client(), event="workflow_dispatch").total == 0
