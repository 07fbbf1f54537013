"""Cancel workflow runs: those under way, each by a call."""

import pytest

from opsconsole.integrations import github
from opsconsole.operations.states import State
from tests.operations.outside import point_to, running

pytestmark = pytest.mark.platform


@pytest.fixture
def slow(platform_sql, settings):
    """Services whose workflow runs wait for a minute before they begin."""
    with running(queued_for=60.0) as services:
        point_to(settings, services.address)
        yield services


def test_cancels_what_waits(slow, plan, applied):
    started = github.dispatch(github.client())

    run = applied(plan("cancel-workflow-runs"))

    assert run.state == State.APPLIED, (run.error, run.verification)
    assert github.run(github.client(), started.run_id).conclusion == "cancelled"


def test_has_nothing_to_do_when_none_runs(standin, plan, verdicts_of):
    assert verdicts_of(plan("cancel-workflow-runs"))["Work to do"][0] == "blocking"


def test_says_when_github_does_not(standin, plan, verdicts_of):
    standin.faults.add({"endpoint": "GET */runs", "status": 503})

    assert verdicts_of(plan("cancel-workflow-runs"))["Runs under way"][0] == "blocking"
