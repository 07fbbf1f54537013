"""Roll back: everything off, the code saved, the function gone; by two people."""

import pytest
from django.urls import reverse

from opsconsole.history.models import SavedCode
from opsconsole.integrations import github, supabase
from opsconsole.operations import decisions
from opsconsole.operations.catalog.roll_back_sync import FUNCTION
from opsconsole.operations.decisions import approvals
from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests import factories

pytestmark = pytest.mark.platform
SWITCHES = "SELECT fetch_issues, is_active FROM workspace_tracked_repositories"


@pytest.fixture
def carried_out(plan, operator, make_user):
    """Asked for by one person, approved by another, worked off."""

    def go():
        run = plan("roll-back-sync")
        decisions.confirm(run, operator, reason="it harms", plan_hash=run.plan_hash)
        approver = make_user("approver", "second")
        approvals.approve(run, approver, plan_hash=run.plan_hash, fresh=True)
        work(run.pk)
        run.refresh_from_db()
        return run

    return go


def deployed():
    return supabase.function(supabase.client(), FUNCTION) is not None


def test_stops_saves_and_removes(standin, platform_sql, carried_out):
    factories.tracked(platform_sql)
    code = supabase.function_code(supabase.client(), FUNCTION)

    run = carried_out()

    assert run.state == State.APPLIED, (run.error, run.verification)
    assert platform_sql(SWITCHES) == [(False, False)]
    assert not github.workflow(github.client()).enabled
    assert not deployed()
    saved = SavedCode.objects.get(run_id=run.pk)
    assert bytes(saved.code) == code
    answer = Chunk.objects.get(step__run=run, step__title__startswith="Save").answer
    assert answer["sha256"] == saved.sha256


@pytest.mark.parametrize("what", ["GET */body", "DELETE */functions/*"])
def test_without_saved_code_nothing_is_removed(
    standin, platform_sql, carried_out, what
):
    """Trap 3.5.8: a removed function leaves no code anywhere."""
    factories.tracked(platform_sql)
    standin.faults.add({"endpoint": what, "status": 500})

    run = carried_out()

    assert run.state != State.APPLIED
    assert deployed()
    assert platform_sql(SWITCHES) == [(False, False)]


def test_the_undo_brings_everything_else_back(
    standin, platform_sql, carried_out, plan, operator, client_of, admin
):
    factories.tracked(platform_sql)
    run = carried_out()

    page = client_of(admin).get(reverse("operations:run", args=[run.pk]))

    assert "Cannot be undone" in page.content.decode()
    download = client_of(admin).get(reverse("operations:code", args=[run.pk]))
    assert b"".join(download) if download.streaming else download.content
    assert "attachment" in download["content-disposition"]


def test_the_code_is_for_who_may_run_it(
    standin, platform_sql, carried_out, client_of, viewer
):
    factories.tracked(platform_sql)
    run = carried_out()

    answer = client_of(viewer).get(reverse("operations:code", args=[run.pk]))

    assert answer.status_code == 403
