"""Taking back, and taking the taking back back: exact, conditional, newest step first."""

import psycopg
import pytest

from opsconsole.operations import decisions, engine
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from tests.conftest import CONSOLE
from tests.operations.conftest import confirm
from tests.operations.stage import assert_as_reported, bring_to_its_end, left_alone

pytestmark = pytest.mark.platform


@pytest.fixture
def half_applied(stage, confirmed):
    """A run of 1,500 rows in three chunks, of which one is written; its worker holds it."""
    stage.fill(1500)
    run = confirmed("demo-change", add=5)
    worker, shift = Run.objects.claim(run.pk), engine.Shift()
    while not worker.steps.filter(chunks__state="applied").exists():
        engine.advance(worker, shift)
    run.refresh_from_db()
    assert run.rows_written == 500
    return run, worker, shift


def request_of(user):
    return planner.Request(user, "browser")


class TestHalfApplied:
    def test_pause_and_go_on(self, stage, half_applied, operator):
        run, worker, shift = half_applied

        decisions.pause(run, operator, "let us see first")
        assert engine.advance(worker, shift) is False

        run.refresh_from_db()
        assert (run.state, run.rows_written, run.rows_left) == (State.PAUSED, 500, 1000)
        assert len(stage.our_writes()) == 500
        assert work(run.pk) == "held or finished"

        decisions.go_on(run, operator)
        bring_to_its_end(run, work)
        assert (run.state, run.rows_written) == (State.APPLIED, 1500)
        assert set(stage.our_writes().values()) == {1}

    def test_cancel_leaves_the_rest_and_undo_restores_what_was_written(
        self, stage, half_applied, operator, undone
    ):
        run, worker, shift = half_applied
        half = stage.rows()

        decisions.cancel(run, operator)
        assert engine.advance(worker, shift) is False

        run.refresh_from_db()
        assert (run.state, run.rows_written, run.rows_left) == (
            State.CANCELLED,
            500,
            1000,
        )
        assert stage.rows() == half
        back = undone(run)
        assert (back.state, back.rows_planned, back.rows_written) == (
            State.APPLIED,
            500,
            500,
        )
        assert {int(row["value"]) for row in stage.rows().values()} <= {*range(10, 17)}
        run.refresh_from_db()
        assert run.state == State.UNDONE

    def test_cancel_of_a_paused_run(self, stage, half_applied, operator):
        run, worker, shift = half_applied
        decisions.pause(run, operator)
        engine.advance(worker, shift)
        run.refresh_from_db()

        decisions.cancel(run, operator)

        run.refresh_from_db()
        assert (run.state, run.rows_written) == (State.CANCELLED, 500)

    def test_a_live_run_cannot_be_undone(self, half_applied, operator):
        run, _, _ = half_applied
        assert "Only what has ended can be undone" in undo.obstacle(run)
        with pytest.raises(planner.CannotPlan, match="Only what has ended"):
            undo.plan(run, request_of(operator))

    def test_an_undo_cancelled_half_way_is_finished_by_another(
        self, stage, plan, applied, operator, undone
    ):
        stage.fill(1500)
        run = applied(plan("demo-change", add=5))
        first = confirm(undo.plan(run, request_of(operator)), operator)
        worker, shift = Run.objects.claim(first.pk), engine.Shift()
        while not first.steps.filter(chunks__state="applied").exists():
            engine.advance(worker, shift)
        decisions.cancel(Run.objects.get(pk=first.pk), operator)
        engine.advance(worker, shift)
        run.refresh_from_db()
        assert run.state == State.APPLIED

        second = undone(run)

        first.refresh_from_db()
        assert (first.rows_written, second.rows_written) == (500, 1000)
        assert (second.state, second.rows_found) == (State.APPLIED, 500)
        assert_as_reported(stage, [run, first, second])
        run.refresh_from_db()
        assert run.state == State.UNDONE


class TestRedo:
    def test_an_undo_is_undone_and_that_too(self, stage, plan, applied, undone):
        stage.fill(5)
        before = stage.rows()
        run = applied(plan("demo-two-steps", add=5))
        after = stage.rows()

        back = undone(run)
        run.refresh_from_db()
        assert (stage.rows(), run.state) == (before, State.UNDONE)

        again = undone(back)
        run.refresh_from_db()
        back.refresh_from_db()
        assert (stage.rows(), run.state, back.state) == (
            after,
            State.APPLIED,
            State.UNDONE,
        )

        and_back = undone(again)
        assert stage.rows() == before
        assert_as_reported(stage, [run, back, again, and_back])


class TestConflicts:
    def test_are_named_before_and_after_and_never_overwritten(
        self, stage, plan, applied, operator
    ):
        changed, deleted, same = stage.fill(3)
        run = applied(plan("demo-change", add=5))
        stage.touch(changed)
        stage.delete(deleted)

        back = undo.plan(run, request_of(operator))
        verdicts = {v["name"]: v["sentence"] for v in back.summary["verdicts"]}
        assert verdicts["Changed since"].startswith("2 rows of 3 changed since")
        assert verdicts["Work to do"] == "1 row would change."

        back = applied(back)
        assert back.state == State.APPLIED_WITH_PROBLEMS
        assert left_alone(back) == {
            "row 1": ("changed", {"value": "1000016"}),
            "row 2": ("deleted", {"value": None}),
        }
        assert stage.value(same) == 13
        assert_as_reported(stage, [run, back])
        run.refresh_from_db()
        assert run.state == State.APPLIED

    def test_only_a_steps_own_columns_are_compared(self, stage, plan, applied, undone):
        """Another column of the row moves all the time: no conflict, and it stays."""
        [key] = stage.fill(1)
        run = applied(plan("demo-change", add=5))
        stage.sql("UPDATE demonstration SET amount = 99 WHERE id = %s", key)

        back = undone(run)

        assert back.state == State.APPLIED
        assert (stage.value(key), stage.rows()[key]["amount"]) == (11, "99.000")

    def test_each_step_is_restored_on_its_own(self, stage, plan, applied, undone):
        one, other = stage.fill(2)
        before = stage.rows()
        run = applied(plan("demo-two-steps", add=5))
        stage.sql("UPDATE demonstration SET at = NULL WHERE id = %s", one)

        back = undone(run)

        assert (back.rows_written, back.rows_skipped) == (3, 1)
        now = stage.rows()
        assert now[one] == {**before[one], "at": None}
        assert now[other] == before[other]

    def test_rows_that_we_found_are_not_ours_to_undo(
        self, stage, plan, applied, undone
    ):
        found, ours = stage.fill(2)
        run = plan("demo-change", add=5)
        stage.sql("UPDATE demonstration SET value = value + 5 WHERE id = %s", found)

        run = applied(run)
        assert (run.rows_written, run.rows_found) == (1, 1)

        back = undone(run)
        assert back.rows_planned == 1
        assert (stage.value(found), stage.value(ours)) == (16, 12)


class TestOrder:
    def test_the_newest_step_is_undone_first(self, stage, plan, applied, operator):
        stage.fill(2)
        run = applied(plan("demo-two-steps", add=5))

        back = undo.plan(run, request_of(operator))

        assert [step.title for step in back.steps.order_by("number")] == [
            "Undo: Put off",
            "Undo: Add",
        ]

    def test_no_second_undo_while_one_is_under_way(
        self, stage, plan, applied, operator
    ):
        stage.fill(2)
        run = applied(plan("demo-change", add=5))
        first = undo.plan(run, request_of(operator))

        assert undo.obstacle(run) == f"Its undo is under way already: run {first.pk}."

    def test_two_undos_at_once_have_one_effect(self, stage, plan, applied, operator):
        """Both were planned before either was seen."""
        stage.fill(2)
        before = stage.rows()
        run = applied(plan("demo-change", add=5))
        first = undo.plan(run, request_of(operator))
        Run.objects.filter(pk=first.pk).update(undo_of=None)
        second = undo.plan(run, request_of(operator))
        Run.objects.filter(pk=first.pk).update(undo_of=run)
        first.refresh_from_db()

        applied(first)
        second = applied(second)

        assert (second.state, second.rows_found) == (State.APPLIED, 2)
        assert stage.rows() == before
        assert set(stage.our_writes().values()) == {2}


class TestCallsUndone:
    def test_by_opposite_calls(self, stage, plan, applied, undone):
        run = applied(plan("demo-call", behaviours=["on", "refuse", "on"]))
        assert run.rows_written == 2

        back = undone(run)

        assert (back.state, back.rows_written) == (State.APPLIED, 2), back.error
        assert stage.service()[2:] == [(0, "off"), (2, "off")]

    def test_what_has_no_opposite_stays_and_is_said(
        self, stage, plan, applied, operator
    ):
        run = applied(plan("demo-call", behaviours=["on", "lost"]))
        assert run.rows_written == 2

        back = undo.plan(run, request_of(operator))

        verdicts = {v["name"]: v["sentence"] for v in back.summary["verdicts"]}
        assert verdicts["Stays"].startswith("1 of what run")
        assert back.rows_planned == 1
        applied(back)
        run.refresh_from_db()
        assert run.state == State.APPLIED


def test_a_tampered_undo_is_refused(stage, plan, applied, operator):
    stage.fill(2)
    run = applied(plan("demo-change", add=5))
    back = undo.plan(run, request_of(operator))
    before = stage.rows()
    with psycopg.connect(CONSOLE, autocommit=True) as intruder:
        intruder.execute("SET session_replication_role = replica")
        intruder.execute(
            "UPDATE operations_chunk SET after = jsonb_build_object('value', after -> 'value')"
            ' || \'{"value": ["1", "2"]}\' FROM operations_step s'
            " WHERE s.id = step_id AND s.run_id = %s",
            [back.pk],
        )

    back = applied(back)

    assert back.state == State.FAILED
    assert "not the one that was planned" in back.error
    assert stage.rows() == before
    assert Chunk.objects.filter(step__run=back, state="applied").count() == 0
