"""Runs on the same columns wait in line; an emergency does not, and asks the others to pause."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connections, transaction
from django.db.models.functions import Now

from opsconsole.audit.models import Entry
from opsconsole.operations import decisions, expiry
from opsconsole.operations.decisions import line
from opsconsole.operations.models import LogLine, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests.operations.demonstration import Change
from tests.operations.people import approve, confirm

pytestmark = pytest.mark.platform
HOUR = timedelta(hours=1)


@pytest.fixture
def run_of(stage, plan, operator, monkeypatch):
    """A confirmed run of a demonstration operation over two rows; nobody works at it."""
    stage.fill(2)

    def make(slug="demo-change", risk="routine", **params):
        monkeypatch.setattr(Change, "risk", risk)
        run = plan(slug, **({"add": 1} | params))
        confirm(run, operator)
        run.refresh_from_db()
        return run

    return make


def started(run):
    """As if a worker held it between two chunks."""
    Run.objects.filter(pk=run.pk).update(state=State.APPLYING, started_at=Now())
    run.refresh_from_db()
    return run


def ended(run, state=State.APPLIED, ago=timedelta()):
    Run.objects.filter(pk=run.pk).update(state=state, finished_at=Now() - ago)


def behind(run):
    return Run.objects.values_list("behind", flat=True).get(pk=run.pk)


class TestOverlap:
    @pytest.mark.parametrize(
        ("slug", "params", "waits"),
        [
            ("demo-change", {}, True),
            ("demo-two-steps", {}, True),  # one of its steps is on that column
            ("demo-everything", {"columns": ["tags"]}, False),
            ("demo-everything", {"columns": ["value"]}, True),
            ("demo-delete", {}, True),  # everything of the table
            ("demo-move", {}, True),
            ("demo-insert", {}, False),  # into the other table
            ("demo-statement", {"sql": "SELECT 1"}, False),
            ("demo-call", {"behaviours": ["fine"]}, False),
        ],
    )
    def test_is_table_and_column(self, run_of, slug, params, waits):
        first = run_of()

        second = run_of(slug, **params)

        assert behind(second) == (first.pk if waits else None)

    def test_a_move_reaches_into_the_other_table(self, run_of):
        moving = run_of("demo-move")

        assert behind(run_of("demo-insert")) == moving.pk

    def test_statements_do_not_wait_for_each_other(self, run_of):
        run_of("demo-statement", sql="SELECT 1")

        assert behind(run_of("demo-statement", sql="SELECT 1")) is None

    @pytest.mark.parametrize("state", [State.PLANNED, State.AWAITING, State.APPLIED])
    def test_is_with_living_runs_alone(self, run_of, state):
        ended(run_of(), state)

        assert behind(run_of()) is None


class TestOrdinary:
    def test_waits_behind_the_last(self, run_of):
        first, second, third = run_of(), run_of(), run_of()

        assert [behind(run) for run in (first, second, third)] == [
            None,
            first.pk,
            second.pk,
        ]

    def test_nobody_takes_it_before_its_turn(self, run_of):
        first, second = run_of(), run_of()

        assert work(second.pk) == "held or finished"
        work(first.pk)
        work(second.pk)

        second.refresh_from_db()
        assert second.state != State.QUEUED

    def test_a_paused_run_keeps_its_place(self, run_of, operator):
        first, second = run_of(), run_of()
        decisions.pause(first, operator)
        work(first.pk)

        assert work(second.pk) == "held or finished"
        second.refresh_from_db()
        assert line.sentence(second) == (
            f"Behind run {first.pk} (Change values, paused by operator):"
            " it starts when that one has ended."
        )

    def test_says_nothing_when_it_waits_for_nobody(self, run_of):
        first, second = run_of(), run_of()
        ended(first)

        assert line.sentence(first) == ""
        second.refresh_from_db()
        assert line.sentence(second) == ""

    def test_goes_back_into_line_behind_another_before_it(self, run_of):
        """Two runs that are in nobody's way, and one that is in both their ways."""
        values = run_of()
        tags = run_of("demo-everything", columns=["tags"])
        both = run_of("demo-everything", columns=["value", "tags"])
        assert behind(both) == tags.pk
        ended(tags)

        work(both.pk)

        both.refresh_from_db()
        assert (both.state, both.behind, both.lease_token) == (
            State.QUEUED,
            values,
            None,
        )
        ended(values)
        work(both.pk)
        both.refresh_from_db()
        assert both.started_at is not None
        assert both.behind is None

    def test_two_at_once_do_not_miss_each_other(self, stage, plan, operator):
        stage.fill(2)
        runs = [plan("demo-change", add=n) for n in range(1, 5)]
        together = threading.Barrier(len(runs))

        def go(run):
            together.wait()
            confirm(run, operator)
            connections.close_all()

        threads = [threading.Thread(target=go, args=(run,)) for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        waits = [behind(run) for run in runs]
        assert sorted(map(bool, waits)) == [False, True, True, True]
        assert len(set(waits)) == len(runs)


class TestExpiry:
    def test_waiting_in_line_does_not_count(self, run_of):
        first, second = run_of(), run_of()
        Run.objects.update(expires_at=Now() - HOUR)
        started(first)

        assert not Run.objects.filter(expiry.late(), pk=second.pk).exists()

    @pytest.mark.parametrize(("minutes", "late"), [(29, False), (30, True)])
    def test_it_has_half_an_hour_from_then_on(self, run_of, minutes, late):
        first, second = run_of(), run_of()
        Run.objects.update(expires_at=Now() - HOUR)
        ended(first, ago=timedelta(minutes=minutes))

        assert Run.objects.filter(expiry.late(), pk=second.pk).exists() == late

    def test_whoever_was_first_expires(self, run_of):
        first = run_of()
        Run.objects.update(expires_at=Now())

        assert Run.objects.filter(expiry.late(), pk=first.pk).exists()


class TestEmergency:
    def test_waits_for_nobody_and_asks_the_others_to_pause(self, run_of):
        queued, at_work, other = (
            run_of(),
            started(run_of("demo-two-steps")),
            run_of("demo-everything", columns=["tags"]),
        )

        emergency = run_of(risk="emergency")

        assert behind(emergency) is None
        for run in (queued, at_work):
            run.refresh_from_db()
            assert run.pause_requested_by == emergency.requested_by
            assert run.pause_reason == f"Run {emergency.pk} is an emergency"
            assert f"run {emergency.pk}" in LogLine.objects.filter(run=run).last().text
            asked = Entry.objects.of_run(run.pk).last()
            assert asked.action == "operations.run.pause_requested"
        other.refresh_from_db()
        assert other.pause_requested_by is None

    def test_a_waiting_run_is_taken_up_to_pause(self, run_of):
        run = started(run_of())
        Run.objects.update(state=State.WAITING, wait_until=Now() + HOUR)

        run_of(risk="emergency")
        work(run.pk)

        run.refresh_from_db()
        assert run.state == State.PAUSED

    def test_leaves_the_pause_of_a_person_as_it_is(self, run_of, operator):
        run = started(run_of())
        decisions.pause(run, operator, "for lunch")

        run_of(risk="emergency")

        run.refresh_from_db()
        assert run.pause_reason == "for lunch"

    def test_an_ordinary_run_waits_behind_it(self, run_of):
        emergency = run_of(risk="emergency")

        assert behind(run_of()) == emergency.pk

    def test_a_run_queued_before_it_does_not_start_before_it_has_ended(self, run_of):
        run = run_of()
        emergency = run_of(risk="emergency")

        work(run.pk)

        run.refresh_from_db()
        assert (run.state, run.behind) == (State.QUEUED, emergency)

    def test_the_paused_run_goes_on_when_it_has_ended(self, run_of, operator):
        run = started(run_of())
        emergency = run_of(risk="emergency")
        work(run.pk)
        run.refresh_from_db()
        assert run.state == State.PAUSED

        with pytest.raises(decisions.Refused, match=f"Run {emergency.pk} .* emergency"):
            decisions.go_on(run, operator)
        ended(emergency)
        decisions.go_on(run, operator)

        assert run.state == State.APPLYING

    def test_two_paused_emergencies_do_not_wait_for_each_other(self, run_of, operator):
        first = started(run_of(risk="emergency"))
        second = run_of(risk="emergency")
        work(first.pk)
        first.refresh_from_db()
        assert first.state == State.PAUSED
        with pytest.raises(decisions.Refused, match="is an emergency"):
            decisions.go_on(first, operator)

        started(second)
        decisions.pause(second, operator)
        work(second.pk)
        decisions.go_on(first, operator)

        assert first.state == State.APPLYING


class TestApprovedAgain:
    def test_comes_last_and_keeps_nobody_waiting_for_ever(
        self, run_of, stage, plan, operator, make_user, monkeypatch
    ):
        """While it waited for its second approval another run has passed."""
        monkeypatch.setattr(Change, "risk", "dangerous")
        run, approver = plan("demo-change", add=1), make_user("approver")
        confirm(run, operator)
        approve(run, approver)
        decisions.pause(run, operator)
        work(run.pk)
        next_one = run_of()
        assert behind(next_one) == run.pk
        Run.objects.filter(pk=run.pk).update(paused_at=Now() - HOUR)
        Run.objects.filter(pk=next_one.pk).update(expires_at=Now() - HOUR)
        run.refresh_from_db()
        decisions.go_on(run, operator, typed=run.rows_left)

        approve(run, approver)

        assert (behind(run), behind(next_one)) == (next_one.pk, None)
        assert not Run.objects.filter(expiry.late()).exists()
        for one in (next_one, run):
            work(one.pk)
            one.refresh_from_db()
            assert one.is_finished, one.state


def test_a_lock_is_held_until_the_transaction_ends(databases):
    """Places are given one at a time."""
    entered = SimpleNamespace(at=False)

    def enter():
        with transaction.atomic():
            line.lock()
            entered.at = True
        connections.close_all()

    with transaction.atomic():
        line.lock()
        other = threading.Thread(target=enter)
        other.start()
        other.join(0.3)
        assert not entered.at
    other.join(5)
    assert entered.at
