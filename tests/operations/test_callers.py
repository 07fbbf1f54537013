"""The callers: what a service's error means, what is kept of it, what is read after a loss."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from opsconsole.history.models import FunctionResponse
from opsconsole.integrations import errors, github
from opsconsole.operations import calling
from opsconsole.operations.callers.services import translated
from opsconsole.operations.calling import CALLERS
from tests import factories

pytestmark = pytest.mark.platform
NOW = datetime.now(UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("met", "meant"),
    [
        (errors.NoAnswer("No answer in 10 s."), calling.AnswerLost),
        (errors.NotUnderstood("Strange."), calling.AnswerLost),
        (errors.QuotaSpent("Spent.", until=LATER), calling.QuotaSpent),
        (errors.Refused("No.", status=403), calling.CallFailed),
        (errors.WrongToken("Wrong token.", status=401), calling.CallFailed),
        (errors.Unavailable("Down.", status=503), calling.CallFailed),
        (errors.NotConfigured("Set it."), calling.CallFailed),
    ],
)
def test_an_error_keeps_its_sentence(met, meant):
    with pytest.raises(meant) as caught, translated():
        raise met

    assert str(caught.value) == str(met)
    if isinstance(met, errors.QuotaSpent):
        assert caught.value.until == LATER
    if meant is calling.CallFailed:
        assert caught.value.answer["status"] == met.status


class TestSyncFunction:
    @pytest.fixture
    def request_of(self, platform_sql):
        def make(**values):
            workspace = factories.workspace(platform_sql)
            rows = [str(factories.tracked(platform_sql, workspace, **values))]
            asked = {"workspace": str(workspace), "rows": rows, "limit": 1}
            return {**asked, "hours_back": 24, "dry_run": False, "run": 7}

        return make

    def test_a_failure_is_kept_too(self, standin, request_of):
        standin.faults.add({"endpoint": "POST /functions/*", "status": 401})

        with pytest.raises(calling.CallFailed):
            CALLERS["sync-function"].send(request_of())

        kept = FunctionResponse.objects.get()
        assert (kept.run_id, kept.status) == (7, 401)
        assert kept.message

    def test_silence_is_kept_as_silence(self, standin, request_of):
        standin.faults.add({"endpoint": "POST /functions/*", "lost": True})

        with pytest.raises(calling.AnswerLost):
            CALLERS["sync-function"].send(request_of())

        assert FunctionResponse.objects.get().status is None

    @pytest.mark.parametrize(("synced", "truth"), [(LATER, True), (None, None)])
    def test_the_truth_stands_in_the_rows(self, request_of, synced, truth):
        """A quiet repository leaves no trace, so that nothing proves nothing."""
        request = request_of(last_sync_at=synced)

        assert CALLERS["sync-function"].settle(request, NOW) is truth


class TestWorkflow:
    @pytest.mark.parametrize(("do", "truth"), [("disable", True), ("enable", False)])
    def test_its_state_settles_a_switch(self, standin, do, truth):
        github.disable(github.client())

        assert CALLERS["workflow"].settle({"do": do}, NOW) is truth

    def test_opposites(self):
        caller = CALLERS["workflow"]

        assert caller.opposite({"do": "enable"}) == {"do": "disable"}
        assert caller.opposite({"do": "dispatch"}) is None

    def test_a_workspace_that_is_no_id_never_leaves(self, standin):
        """The workflow pastes its inputs into JSON unescaped."""
        request = {"do": "dispatch", "workspace": '"}', "limit": 1, "hours_back": 1}

        with pytest.raises(ValueError, match="UUID"):
            CALLERS["workflow"].send({**request, "dry_run": False})


def test_an_edge_function_that_is_not_there_is_not_removed(standin):
    with pytest.raises(calling.CallFailed, match="deployed"):
        CALLERS["edge-function"].send({"slug": f"none-{uuid4()}", "run": 1})
