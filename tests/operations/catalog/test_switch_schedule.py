"""Switch the schedule: read, switched, read back, taken back."""

import pytest

from opsconsole.integrations import github
from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State

pytestmark = pytest.mark.platform


def is_on():
    return github.workflow(github.client()).enabled


def test_off_and_on_again_by_its_undo(standin, plan, applied, undone):
    run = applied(plan("switch-schedule", to="off"))

    assert run.state == State.APPLIED, (run.error, run.verification)
    assert not is_on()
    answer = Chunk.objects.get(step__run=run).answer
    assert answer["status"] == 204
    undone(run)
    assert is_on()


def test_nothing_to_do_when_it_is_so_already(standin, plan, verdicts_of):
    assert verdicts_of(plan("switch-schedule", to="on"))["Work to do"][0] == "blocking"


def test_a_lost_answer_is_settled_by_its_state(standin, plan, applied):
    lost = {"endpoint": "PUT */disable", "lost": True, "done": "all", "times": 1}
    standin.faults.add(lost)

    run = applied(plan("switch-schedule", to="off"))

    assert run.state == State.APPLIED, (run.error, run.verification)
    assert Chunk.objects.get(step__run=run).answer["settled"].startswith("done")


def test_a_wrong_token_is_a_sentence(standin, plan, applied):
    standin.faults.add({"endpoint": "PUT */disable", "status": 401})

    run = applied(plan("switch-schedule", to="off"))

    why = Chunk.objects.get(step__run=run).exceptions["0"]["why"]
    assert "OPSCONSOLE_GITHUB_TOKEN" in why
    assert "standin" not in why


def test_without_github_it_is_blocked(settings, platform_sql, plan, verdicts_of):
    settings.GITHUB_TOKEN = ""

    level, sentence = verdicts_of(plan("switch-schedule", to="off"))["The schedule now"]

    assert level == "blocking"
    assert "OPSCONSOLE_GITHUB_TOKEN" in sentence
