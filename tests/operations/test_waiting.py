"""When the platform or a service is busy: wait, say for what, and go on; or give up in time."""

import time
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from opsconsole.operations import decisions, engine
from opsconsole.operations.engine import calls, refusals, throttle
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from opsconsole.platform.db import writing
from tests.conftest import PLATFORM
from tests.operations.nursery import Place
from tests.operations.stage import (
    assert_as_reported,
    bring_to_its_end,
    lease_over,
    left_alone,
)

pytestmark = pytest.mark.platform


@pytest.fixture
def somebody(stage):
    """Another session of the platform; what it locked is free after the test."""
    with psycopg.connect(PLATFORM, application_name="nightly job") as connection:
        yield connection


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(writing, "LOCK_TIMEOUT", 50)


def log_of(run):
    return [line.text for line in run.log.order_by("pk")]


class TestLockedRows:
    def test_are_waited_for_and_then_written(
        self, stage, confirmed, somebody, impatient, nursery
    ):
        """Somebody holds 100 of 1,000 rows for three seconds."""
        keys = stage.fill(1000)
        run = confirmed("demo-change", add=5)
        hold = "SELECT id FROM demonstration WHERE id = ANY(%s) FOR UPDATE"
        somebody.execute(hold, [keys[450:550]])

        assert work(run.pk) == State.WAITING
        run.refresh_from_db()
        assert run.waiting_for.startswith("Rows are locked by somebody else. Probably")
        assert "(nightly job)" in run.waiting_for
        assert run.what_next == "Goes on by itself when the wait is over."
        wait = run.wait_until - timezone.now()
        assert timedelta(seconds=1) < wait <= timedelta(seconds=2)
        assert work(run.pk) == "held or finished"  # not before that

        lease_over(run)
        assert work(run.pk) == State.WAITING
        somebody.rollback()
        bring_to_its_end(run, work)

        assert (run.state, run.rows_written) == (State.APPLIED, 1000), run.error
        assert (run.waiting_for, run.waiting_since) == ("", None)
        waits, said = "Waits: Rows are locked", log_of(run)
        assert [text[: len(waits)] for text in said if "At step" not in text] == [
            "Started.",
            waits,
            "Goes on.",
            "Ended: applied.",
        ]
        assert len([text for text in said if text.startswith("At step 1")]) == 1
        assert set(stage.our_writes().values()) == {1}

    def test_waits_get_longer_and_end(self, stage, confirmed, somebody, impatient):
        stage.fill(3)
        run = confirmed("demo-change", add=5)
        somebody.execute("SELECT id FROM demonstration FOR UPDATE")
        work(run.pk)
        Run.objects.update(waiting_since=timezone.now() - timedelta(seconds=80))
        lease_over(run)
        work(run.pk)
        run.refresh_from_db()
        assert 18 < (run.wait_until - timezone.now()).total_seconds() <= 21

        Run.objects.update(waiting_since=timezone.now() - timedelta(minutes=61))
        lease_over(run)
        assert work(run.pk) == "failed"

        run.refresh_from_db()
        assert run.state == State.FAILED
        assert run.error.startswith("Waited for 1:00:00: Rows are locked")
        assert not stage.our_writes()

    def test_an_optional_step_that_waited_too_long_is_left(
        self, stage, confirmed, somebody, impatient
    ):
        stage.fill(3)
        run = confirmed("demo-two-steps", add=5)
        worker, shift = Run.objects.claim(run.pk), engine.Shift()
        while not worker.steps.filter(chunks__state="applied").exists():
            engine.advance(worker, shift)
        worker.release_lease()
        somebody.execute("SELECT id FROM demonstration FOR UPDATE")
        work(run.pk)
        Run.objects.update(waiting_since=timezone.now() - timedelta(minutes=61))
        lease_over(run)
        bring_to_its_end(run, work)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert (run.rows_written, run.rows_left) == (3, 3)

    def test_progress_ends_the_patience(self, stage, confirmed, somebody, impatient):
        """What was waited for before the last chunk does not count any more."""
        keys = sorted(stage.fill(1000))
        run = confirmed("demo-change", add=5)
        Run.objects.update(waiting_since=timezone.now() - timedelta(minutes=61))
        hold = "SELECT id FROM demonstration WHERE id = ANY(%s) FOR UPDATE"
        somebody.execute(hold, [keys[600:]])

        assert work(run.pk) == State.WAITING

        run.refresh_from_db()
        assert run.rows_written == 500

    def test_pause_and_cancel_are_granted_while_waiting(
        self, stage, confirmed, somebody, impatient, operator
    ):
        stage.fill(3)
        run = confirmed("demo-change", add=5)
        somebody.execute("SELECT id FROM demonstration FOR UPDATE")
        work(run.pk)
        run.refresh_from_db()

        decisions.pause(run, operator)
        assert work(run.pk) == State.PAUSED

        run.refresh_from_db()
        assert run.waiting_for == ""


class TestSlowStatement:
    def test_is_tried_three_times_and_no_more(self, stage, confirmed, monkeypatch):
        stage.fill(3)
        stage.slow_down(0.2)
        run = confirmed("demo-change", add=5)
        monkeypatch.setattr(writing, "STATEMENT_TIMEOUT", 50)

        assert work(run.pk) == "failed"

        run.refresh_from_db()
        assert "statement timeout" in run.error
        tried = [text for text in log_of(run) if text.startswith("Refused")]
        assert len(tried) == refusals.TRIES - 1
        assert not stage.our_writes()


class TestThrottle:
    def test_many_sessions_that_wait_for_locks(
        self, stage, confirmed, somebody, monkeypatch, nursery
    ):
        monkeypatch.setattr(throttle, "MANY_WAITING", 2)
        stage.fill(3)
        stage.sql("CREATE TABLE demonstration_crowd AS SELECT 1 AS n")
        run = confirmed("demo-change", add=5)
        crowd = [psycopg.connect(PLATFORM) for _ in range(2)]
        try:
            somebody.execute("LOCK demonstration_crowd")
            for one in crowd:
                one.pgconn.send_query(b"SELECT * FROM demonstration_crowd")
            while len(stage.sql("SELECT pid FROM pg_locks WHERE NOT granted")) < 2:
                pass

            assert work(run.pk) == State.WAITING

            run.refresh_from_db()
            assert run.waiting_for == "2 sessions of the platform wait for locks."
            somebody.rollback()
            bring_to_its_end(run, work)
            assert run.state == State.APPLIED
        finally:
            for one in crowd:
                one.close()
            stage.sql("DROP TABLE demonstration_crowd")

    def test_a_replica_that_is_behind(self, stage, confirmed, monkeypatch):
        stage.fill(3)
        run = confirmed("demo-change", add=5)
        monkeypatch.setattr(throttle, "BUSY", "SELECT 0 AS waiting, 11.0 AS lag")

        assert work(run.pk) == State.WAITING

        run.refresh_from_db()
        assert run.waiting_for == "A replica is 11 s behind."
        assert not stage.our_writes()


class TestCalls:
    def test_a_lost_answer_is_settled_by_reading(self, stage, plan, applied):
        run = applied(plan("demo-call", behaviours=["lost", "mystery", "on"]))

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert (run.rows_written, run.rows_skipped) == (2, 1)
        assert left_alone(run)["target 1"][0] == "unknown: No answer in 10 s."
        assert stage.service("asked") == [(0, "lost"), (1, "mystery"), (2, "on")]

    def test_what_was_certainly_not_done_is_done_after_a_wait(self, stage, confirmed):
        run = confirmed("demo-call", behaviours=["dropped"])

        assert work(run.pk) == State.WAITING
        run.refresh_from_db()
        assert run.waiting_for == "A call was not done: No answer in 10 s."
        bring_to_its_end(run, work)

        assert (run.state, run.rows_written) == (State.APPLIED, 1), run.error
        assert stage.service() == [(0, "dropped")]

    def test_a_spent_quota_is_waited_for(self, stage, confirmed):
        run = confirmed("demo-call", behaviours=["quota", "on"])

        assert work(run.pk) == State.WAITING

        run.refresh_from_db()
        assert run.waiting_for == "Quota spent."
        assert 50 < (run.wait_until - timezone.now()).total_seconds() <= 61
        assert run.lease_until is None
        bring_to_its_end(run, work)
        assert (run.state, run.rows_written) == (State.APPLIED, 2)
        assert stage.service() == [(0, "quota"), (1, "on")]

    def test_a_truth_that_cannot_be_read_yet_is_waited_for(self, stage, confirmed):
        run = confirmed("demo-call", behaviours=["hidden", "on"])

        assert work(run.pk) == State.WAITING
        run.refresh_from_db()
        assert run.waiting_for.startswith("What became of a call cannot be read yet")
        bring_to_its_end(run, work)

        assert (run.state, run.rows_written) == (State.APPLIED, 2), run.error
        assert stage.service("asked") == [(0, "hidden"), (1, "on")]

    def test_but_not_for_ever(self, stage, confirmed):
        run = confirmed("demo-call", behaviours=["hidden"])
        assert work(run.pk) == State.WAITING
        long_ago = timezone.now() - calls.PATIENCE
        Chunk.objects.update(answer={"sent_at": long_ago.isoformat()})
        bring_to_its_end(run, work)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert left_alone(run)["target 0"][0].startswith("unknown")
        assert len(stage.service("asked")) == 1

    def test_the_first_must_succeed(self, stage, plan, applied):
        run = applied(plan("demo-call", behaviours=["refuse", *["on"] * 5]))

        assert run.state == State.FAILED
        assert run.error == (
            "1 of 1 calls did not succeed, the last: failed: Refused by the service."
        )
        assert stage.service("asked") == [(0, "refuse")]

    def test_two_may_fail_but_not_three(self, stage, plan, applied):
        behaviours = ["on", "refuse", "on", "refuse", "on", "refuse", "on"]
        run = applied(plan("demo-call", behaviours=behaviours))

        assert run.state == State.FAILED
        assert (run.rows_written, run.rows_skipped, run.rows_left) == (3, 3, 1)
        assert run.error.startswith("3 of 6 calls did not succeed")

    def test_one_in_twenty_may_fail(self, stage, plan, applied):
        behaviours = ["on"] * 57 + ["refuse"] * 3 + ["on"]
        run = applied(plan("demo-call", behaviours=behaviours))

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert (run.rows_written, run.rows_skipped) == (58, 3)

    def test_an_optional_step_of_calls_is_left(self, stage, plan, applied):
        stage.fill(2)
        run = applied(
            plan("demo-call", behaviours=["refuse", "on"], optional=True, then=True)
        )

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert (run.rows_written, run.rows_skipped, run.rows_left) == (2, 1, 1)

    def test_each_answer_is_kept(self, stage, plan, applied):
        applied(plan("demo-call", behaviours=["on", "refuse"]))

        first, second = Chunk.objects.order_by("number")
        assert (first.answer["status"], first.answer["request_id"]) == (200, "r0")
        assert second.answer["status"] == 403
        assert "ms" in first.answer
        assert "sent_at" in first.answer

    def test_a_failed_run_settles_what_it_had_sent(self, stage, confirmed, nursery):
        """The fifth worker dies too: the run fails, and says what is not known."""
        run = confirmed("demo-call", behaviours=["hidden", "on"])
        place = Place("tests.operations.service.Service.settle")
        nursery.work(run.pk, place)
        Run.objects.update(attempts=5)
        lease_over(run)

        assert work(run.pk) == "failed"

        run.refresh_from_db()
        assert (run.rows_written, run.rows_skipped, run.rows_left) == (0, 1, 1)
        assert not Chunk.objects.filter(state=Chunk.State.SENT).exists()


class TestGonePlatform:
    """The platform ends our session in the middle of a batch: no error, whatever the step."""

    @pytest.fixture(params=["killed", "idle for too long"])
    def lost(self, stage, monkeypatch, request):
        """The first batch of this step is lost between its result and its commit."""

        def lose_at(title):
            store, losses = engine.batch._store, []

            def lose(run, chunks, *rest):
                store(run, chunks, *rest)
                if chunks[0].step.title == title and not losses:
                    losses.append(run)
                    end()

            monkeypatch.setattr(engine.batch, "_store", lose)

        def end():
            if request.param == "killed":
                stage.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = 'opsconsole_writer'"
                )
            else:
                time.sleep(0.3)

        if request.param != "killed":
            monkeypatch.setattr(writing, "IDLE_TIMEOUT", 100)
        return lose_at

    @pytest.mark.parametrize("title", ["Add", "Put off"])
    def test_is_waited_for(self, stage, confirmed, lost, title):
        """The second step is optional, and is not given up for that either."""
        stage.fill(3)
        run = confirmed("demo-two-steps", add=5)
        lost(title)

        assert work(run.pk) == "waiting"
        run.refresh_from_db()
        assert run.error.startswith("Waiting for a database")

        bring_to_its_end(run, work)
        assert (run.state, run.rows_written) == (State.APPLIED, 6), run.error
        assert_as_reported(stage, [run])
