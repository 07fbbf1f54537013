"""What each risk takes to be confirmed; pause, go on, cancel; and how long a plan may wait."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from opsconsole.audit.models import Entry
from opsconsole.operations import decisions, expiry, signals
from opsconsole.operations.catalog.reset_failed_sync import ResetFailedSync
from opsconsole.operations.models import LogLine, Run
from opsconsole.operations.states import State
from opsconsole.operations.sweep import sweep
from opsconsole.operations.tasks import work
from tests import factories
from tests.operations.people import approve, confirm, post, prove

pytestmark = pytest.mark.platform
SECOND = timedelta(seconds=1)


@pytest.fixture
def plan_of(platform_sql, reset_plan, monkeypatch):
    """A plan of that risk over two rows."""

    def make(risk="routine"):
        monkeypatch.setattr(ResetFailedSync, "risk", risk)
        for _ in range(2):
            factories.failed(platform_sql)
        return reset_plan()

    return make


@pytest.fixture
def approver(make_user):
    return make_user("approver")


@pytest.fixture
def paused(plan_of, operator, approver):
    """A run that a worker has paused before its first row."""

    def make(risk="routine"):
        run = plan_of(risk)
        confirm(run, operator)
        if risk == "dangerous":
            approve(run, approver)
        decisions.pause(run, operator, "let us look")
        work(run.pk)
        run.refresh_from_db()
        assert run.state == State.PAUSED
        return run

    return make


@pytest.fixture
def heard():
    """The names of the signals sent, in order."""
    names, receivers = [], []
    for name in ("approval_asked", "decided", "emergency_started", "ended"):

        def hear(sender, run, name=name, **facts):
            names.append(name)

        receivers.append((getattr(signals, name), hear))
        getattr(signals, name).connect(hear, weak=False)
    yield names
    for signal, receiver in receivers:
        signal.disconnect(receiver)


def deeds(run):
    actions = (
        Entry.objects.of_run(run.pk).order_by("pk").values_list("action", flat=True)
    )
    return [action.removeprefix("operations.run.") for action in actions]


def set_back(run, field, span):
    """Move a moment of the run by the database's clock: now minus the span."""
    Run.objects.filter(pk=run.pk).update(**{field: Now() - span})
    run.refresh_from_db()


class TestTyping:
    """Elevated and emergency want the number of rows."""

    @pytest.mark.parametrize("risk", ["elevated", "emergency"])
    @pytest.mark.parametrize("typed", [None, 0, 1, 3])
    def test_another_number_is_refused(self, plan_of, operator, risk, typed):
        run = plan_of(risk)

        with pytest.raises(decisions.Refused, match="plan changes 2") as refusal:
            confirm(run, operator, typed=typed)

        assert refusal.value.field == "typed"
        run.refresh_from_db()
        assert run.state == State.PLANNED

    @pytest.mark.parametrize("risk", ["elevated", "emergency"])
    def test_the_number_queues_the_run(self, plan_of, operator, risk):
        run = plan_of(risk)

        confirm(run, operator)

        assert run.state == State.QUEUED
        assert deeds(run) == ["planned", "confirmed"]

    def test_routine_wants_none(self, plan_of, operator):
        run = plan_of()

        confirm(run, operator, typed=None)

        assert run.state == State.QUEUED

    @pytest.mark.parametrize("typed", ["2", " 2 ", "0,002"])
    def test_grouped_digits_are_a_number(self, plan_of, operator, client_of, typed):
        run = plan_of("elevated")

        post(
            client_of(operator),
            "confirm",
            run,
            plan_hash=run.plan_hash,
            reason="ticket 7",
            typed=typed,
        )

        run.refresh_from_db()
        assert run.state == State.QUEUED

    def test_the_page_names_the_number_and_keeps_the_reason(
        self, plan_of, operator, client_of
    ):
        run = plan_of("elevated")
        given = {"plan_hash": run.plan_hash, "reason": "ticket 4711", "typed": "7"}

        response = post(client_of(operator), "confirm", run, **given)

        assert response.status_code == 400
        assert "Number of rows: 7 typed, the plan changes 2." in response.text
        assert "ticket 4711" in response.text


class TestEmergency:
    def test_is_reviewed_within_a_day(self, plan_of, operator, heard):
        run = plan_of("emergency")

        confirm(run, operator)

        assert run.review_until - run.queued_at == pytest.approx(
            timedelta(hours=24), abs=SECOND
        )
        assert heard == ["emergency_started"]

    def test_asks_for_the_password_and_carries_on(self, plan_of, operator, client_of):
        run, browser = plan_of("emergency"), client_of(operator)
        given = {"plan_hash": run.plan_hash, "reason": "ticket 7", "typed": "2"}

        asked = post(browser, "confirm", run, **given)
        assert "Confirm that it is you" in asked.text
        run.refresh_from_db()
        assert run.state == State.PLANNED

        address, _ = asked.redirect_chain[-1]
        browser.post(address, {"password": "correct horse battery"})
        run.refresh_from_db()
        assert run.state == State.QUEUED

    def test_a_fresh_password_is_enough(self, plan_of, operator, client_of):
        run, browser = plan_of("emergency"), client_of(operator)
        prove(browser)

        given = {"plan_hash": run.plan_hash, "reason": "ticket 7", "typed": "2"}
        post(browser, "confirm", run, **given)

        run.refresh_from_db()
        assert run.state == State.QUEUED

    def test_a_terminal_needs_no_password(self, plan_of, operator):
        run = plan_of("emergency")

        confirm(run, operator, fresh=False, origin="terminal")

        assert run.state == State.QUEUED

    def test_a_plan_of_a_terminal_needs_one_in_the_browser(self, plan_of, operator):
        run = plan_of("emergency")
        Run.objects.update(origin="terminal")
        run.refresh_from_db()

        with pytest.raises(decisions.MustProve):
            confirm(run, operator, fresh=False, origin="browser")

    @pytest.mark.parametrize("risk", ["emergency", "dangerous"])
    def test_another_person_cannot_begin_it(self, plan_of, approver, risk):
        """Or that one could be the first person and the second."""
        run = plan_of(risk)

        with pytest.raises(decisions.Refused, match="Only operator, who planned it"):
            confirm(run, approver)


class TestExpiry:
    """By the database's clock, to the second, in the UPDATE that moves the run."""

    @pytest.mark.parametrize("risk", ["routine", "elevated", "dangerous", "emergency"])
    def test_a_plan_is_not_confirmed_after_its_time(self, plan_of, operator, risk):
        run = plan_of(risk)
        set_back(run, "expires_at", timedelta())

        with pytest.raises(decisions.Refused, match="too old"):
            confirm(run, operator)

        run.refresh_from_db()
        assert run.state == State.PLANNED

    def test_the_last_second_counts(self, plan_of, operator):
        run = plan_of()
        set_back(run, "expires_at", -SECOND)

        confirm(run, operator)

        assert run.state == State.QUEUED

    @pytest.mark.parametrize(
        ("risk", "minutes"), [("routine", 30), ("emergency", 15), ("dangerous", 30)]
    )
    def test_how_long_an_undecided_plan_lives(self, plan_of, risk, minutes):
        run = plan_of(risk)

        lives = Run.objects.annotate(lives=F("expires_at") - Now()).get(pk=run.pk).lives
        assert lives == pytest.approx(timedelta(minutes=minutes), abs=5 * SECOND)

    def test_asking_gives_two_hours(self, plan_of, operator, heard):
        run = plan_of("dangerous")

        confirm(run, operator)

        assert run.state == State.AWAITING
        assert run.expires_at - run.asked_at == pytest.approx(
            timedelta(hours=2), abs=SECOND
        )
        assert heard == ["approval_asked"]

    def test_confirming_gives_thirty_minutes(self, plan_of, operator):
        run = plan_of()

        confirm(run, operator)

        assert run.expires_at - run.queued_at == pytest.approx(
            timedelta(minutes=30), abs=SECOND
        )

    @pytest.mark.parametrize(
        "state", [State.PLANNED, State.AWAITING, State.QUEUED], ids=str
    )
    def test_the_sweep_ends_what_is_late(self, plan_of, operator, state):
        run = plan_of("dangerous" if state == State.AWAITING else "routine")
        if state != State.PLANNED:
            confirm(run, operator)
        late, early = run, -SECOND * 5
        set_back(late, "expires_at", early)
        sweep()
        late.refresh_from_db()
        assert late.state == state

        set_back(late, "expires_at", timedelta())
        sweep()

        late.refresh_from_db()
        assert late.state == State.EXPIRED
        assert deeds(late)[-1] == "expired"

    def test_a_started_run_never_expires(self, paused):
        run = paused()
        set_back(run, "expires_at", timedelta(days=9))

        sweep()

        run.refresh_from_db()
        assert run.state == State.PAUSED
        assert not Run.objects.filter(expiry.late()).exists()


class TestPause:
    def test_is_granted_by_the_worker(self, paused, operator, platform_sql):
        run = paused()

        assert run.pause_requested_by == operator
        assert run.rows_done == 0
        assert deeds(run)[-2:] == ["started", "paused"]
        assert "let us look" in LogLine.objects.filter(run=run).last().text

    def test_of_a_waiting_run_is_taken_up_at_once(self, plan_of, operator):
        run = plan_of()
        confirm(run, operator)
        Run.objects.update(
            state=State.WAITING,
            started_at=Now(),
            wait_until=Now() + timedelta(hours=1),
            nudged_at=None,
        )
        run.refresh_from_db()

        decisions.pause(run, operator)

        run.refresh_from_db()
        assert run.wait_until is None
        assert run.nudged_at is not None
        work(run.pk)
        run.refresh_from_db()
        assert run.state == State.PAUSED

    def test_is_asked_for_once(self, plan_of, operator, approver):
        run = plan_of()
        confirm(run, operator)
        decisions.pause(run, operator)
        run.refresh_from_db()

        with pytest.raises(decisions.Refused, match="operator has asked"):
            decisions.pause(run, approver)

    @pytest.mark.parametrize("state", [State.PLANNED, State.VERIFYING, State.APPLIED])
    def test_of_nothing_at_work_is_refused(self, plan_of, operator, state):
        run = plan_of()
        Run.objects.update(state=state)
        run.refresh_from_db()

        with pytest.raises(decisions.Refused, match="only one at work"):
            decisions.pause(run, operator)

    def test_a_viewer_may_not(self, plan_of, operator, viewer):
        run = plan_of()
        confirm(run, operator)

        for deed in (decisions.pause, decisions.go_on, decisions.cancel):
            with pytest.raises(decisions.Refused, match="Your role may not"):
                deed(run, viewer)

    def test_anybody_with_the_role_may(self, plan_of, operator, approver):
        run = plan_of()
        confirm(run, operator)

        decisions.pause(run, approver)

        assert Entry.objects.of_run(run.pk).last().actor_name == "approver"

    def test_by_the_page(self, plan_of, operator, client_of):
        run = plan_of()
        confirm(run, operator)

        response = post(client_of(operator), "pause", run, reason="too busy")

        assert "pauses after its current chunk" in response.text
        run.refresh_from_db()
        assert (run.pause_requested_by, run.pause_reason) == (operator, "too busy")


class TestGoOn:
    def test_finishes_the_run(self, paused, operator, platform_sql):
        run = paused()

        decisions.go_on(run, operator)
        work(run.pk)

        run.refresh_from_db()
        assert (run.state, run.rows_written) == (State.APPLIED, 2)
        assert (run.pause_requested_by, run.pause_reason, run.paused_at) == (
            None,
            "",
            None,
        )
        assert "resumed" in deeds(run)

    def test_only_of_a_paused_run(self, plan_of, operator):
        run = plan_of()

        with pytest.raises(decisions.Refused, match="only a paused one"):
            decisions.go_on(run, operator)

    def test_within_the_hour_asks_for_nothing(self, paused, operator):
        run = paused("elevated")
        set_back(run, "paused_at", timedelta(minutes=59, seconds=50))

        decisions.go_on(run, operator)

        assert run.state == State.APPLYING

    @pytest.mark.parametrize("risk", ["routine", "elevated", "emergency"])
    def test_after_an_hour_wants_the_rows_left(self, paused, operator, risk):
        run = paused(risk)
        set_back(run, "paused_at", timedelta(hours=1))

        for typed in (None, 1):
            with pytest.raises(decisions.Refused, match="still to do 2"):
                decisions.go_on(run, operator, typed=typed)
        decisions.go_on(run, operator, typed=2)

        assert run.state == State.APPLYING

    def test_the_page_asks_for_them(self, paused, operator, client_of):
        run, browser = paused(), client_of(operator)
        set_back(run, "paused_at", timedelta(hours=1))
        assert "Go on after a long pause" in browser.get(run.get_absolute_url()).text

        refused = post(browser, "go_on", run)
        assert refused.status_code == 400
        assert "nothing typed" in refused.text
        post(browser, "go_on", run, typed="2")

        run.refresh_from_db()
        assert run.state == State.APPLYING

    def test_after_an_hour_a_dangerous_one_is_approved_again(
        self, paused, operator, approver, heard
    ):
        run = paused("dangerous")
        set_back(run, "paused_at", timedelta(hours=1))
        heard.clear()

        decisions.go_on(run, operator, typed=2)
        assert run.state == State.AWAITING
        assert heard == ["approval_asked"]
        approve(run, approver)
        work(run.pk)

        run.refresh_from_db()
        assert (run.state, run.rows_written) == (State.APPLIED, 2)
        assert run.approvals.count() == 2

    def test_only_the_requester_asks_again(self, paused, approver):
        run = paused("dangerous")
        set_back(run, "paused_at", timedelta(hours=1))

        with pytest.raises(decisions.Refused, match="Only operator"):
            decisions.go_on(run, approver, typed=2)


class TestCancel:
    @pytest.mark.parametrize("state", [State.PLANNED, State.AWAITING, State.QUEUED])
    def test_at_once_where_nobody_works(self, plan_of, operator, state):
        run = plan_of("dangerous" if state == State.AWAITING else "routine")
        if state != State.PLANNED:
            confirm(run, operator)

        decisions.cancel(run, operator)

        assert (run.state, run.cancel_requested_by) == (State.CANCELLED, operator)
        assert deeds(run)[-1] == "cancelled"

    def test_a_paused_run_at_once(self, paused, operator):
        run = paused()

        decisions.cancel(run, operator)

        assert run.state == State.CANCELLED
        assert deeds(run)[-1] == "cancelled"

    @pytest.mark.parametrize("state", [State.PLANNING, State.APPLYING, State.WAITING])
    def test_a_request_where_a_worker_may_be(self, plan_of, operator, state):
        run = plan_of()
        Run.objects.update(state=state, wait_until=Now() + timedelta(hours=1))
        run.refresh_from_db()

        decisions.cancel(run, operator)

        run.refresh_from_db()
        assert (run.state, run.cancel_requested_by) == (state, operator)
        assert run.wait_until is None
        assert deeds(run)[-1] == "cancel_requested"

    def test_not_while_it_verifies(self, plan_of, operator):
        run = plan_of()
        Run.objects.update(state=State.VERIFYING)
        run.refresh_from_db()

        with pytest.raises(decisions.Refused, match="no row left to write"):
            decisions.cancel(run, operator)
        assert deeds(run) == ["planned"]

    def test_nothing_was_changed_is_said(self, paused, operator, client_of):
        response = post(client_of(operator), "cancel", paused())

        assert "Nothing was changed" in response.text


class TestButtons:
    @pytest.mark.parametrize(
        "name", ["confirm", "cancel", "pause", "go_on", "approve", "reject", "review"]
    )
    def test_a_get_changes_nothing(self, plan_of, approver, client_of, name):
        from django.urls import reverse

        run, browser = plan_of("dangerous"), client_of(approver)

        response = browser.get(reverse(f"operations:{name}", args=[run.pk]))

        assert response.url == run.get_absolute_url()
        run.refresh_from_db()
        assert run.state == State.PLANNED


def test_a_row_that_two_steps_write_is_typed_once(stage, plan):
    stage.fill(3)

    run = plan("demo-two-steps", add=5)

    assert (run.rows_planned, run.rows_meant) == (6, 3)
