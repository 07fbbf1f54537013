"""Two workers, one run: who was overtaken leaves no trace."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from opsconsole.operations import decisions, engine, heartbeat, tasks
from opsconsole.operations.engine import batch, settling
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.planning import planner
from opsconsole.operations.states import State
from opsconsole.operations.steps import Result
from tests import factories
from tests.operations.service import Service

pytestmark = pytest.mark.platform


@pytest.fixture
def queued(platform_sql, reset_plan, operator):
    factories.failed(platform_sql)
    run = reset_plan()
    decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
    return run


def overtake(run):
    """The lease runs out and another worker takes the run."""
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    return Run.objects.claim(run.pk)


def started(run):
    worker = Run.objects.claim(run.pk)
    engine.advance(worker, engine.Shift())
    return worker


def test_a_claim_never_answers_with_anothers_token(queued, monkeypatch):
    """The first is overtaken between its UPDATE and its SELECT."""
    get_first = Run.objects.none().__class__.first
    winners = []

    def overtaken_before_reading(queryset):
        if not winners:
            winners.append(True)
            Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            winners.append(Run.objects.claim(queued.pk))
        return get_first(queryset)

    monkeypatch.setattr(
        "opsconsole.operations.models.RunQuerySet.first", overtaken_before_reading
    )

    assert Run.objects.claim(queued.pk) is None
    assert winners[1].pk == queued.pk


def test_moving_keeps_ones_own_token(queued):
    first = started(queued)
    Run.objects.update(state=State.APPLYING)
    first.move(State.VERIFYING)
    token = first.lease_token

    second = overtake(queued)

    assert first.lease_token == token != second.lease_token


def test_the_overtaken_does_not_forget_the_result_of_the_other(queued, monkeypatch):
    first = started(queued)
    xid = "12345"
    Chunk.objects.update(state=Chunk.State.STORED, xid=xid, rows_written=1)

    def slow_answer(*_):
        second = overtake(queued)
        Chunk.objects.update(state=Chunk.State.STORED, xid="67890")
        assert second
        return "aborted"

    monkeypatch.setattr(settling, "xact_status", slow_answer)
    with pytest.raises(engine.LeaseLost):
        engine.advance(first, engine.Shift())

    chunk = Chunk.objects.get()
    assert (chunk.state, chunk.xid) == (Chunk.State.STORED, "67890")


def test_what_another_has_marked_is_neither_stored_nor_counted_again(queued):
    """The last line of defence: the lease alone forbids it already."""
    worker = started(queued)
    [chunk] = Chunk.objects.all().as_text()
    Chunk.objects.update(state=Chunk.State.APPLIED, xid="1", rows_written=1)
    chunk.xid, chunk.rows_written = "1", 1

    with pytest.raises(engine.LeaseLost):
        batch.mark(worker, [chunk])
    with pytest.raises(engine.LeaseLost):
        batch._store(worker, [chunk], [Result("2", {})], "")

    queued.refresh_from_db()
    assert (queued.rows_written, Chunk.objects.get().xid) == (0, "1")


def test_a_shift_ends_and_the_next_goes_on(queued):
    steps = []
    while (said := tasks.work(queued.pk, seconds=-1)) == "handed over":
        steps.append(said)

    queued.refresh_from_db()
    assert len(steps) >= 3
    assert queued.state == State.APPLIED
    assert queued.attempts <= 1


def test_a_cancel_is_heard_while_a_plan_is_made(
    stage, planned_later, operator, monkeypatch
):
    """The plan of 2,000 rows is given up after a quarter, or one more that was read ahead."""
    stage.fill(2000)
    monkeypatch.setattr(planner, "AT_ONCE", 1)
    run = planned_later("demo-change", add=5)
    chunk_of = planner.chunk_of

    def cancelled_meanwhile(*args):
        decisions.cancel(Run.objects.get(pk=run.pk), operator)
        return chunk_of(*args)

    monkeypatch.setattr(planner, "chunk_of", cancelled_meanwhile)

    assert tasks.work(run.pk) == State.CANCELLED

    assert Chunk.objects.count() in (1, 2)


def test_a_plan_that_a_worker_took_over_is_not_thrown_away(stage, plan, monkeypatch):
    """The person's own process was too slow, and then stumbles."""
    stage.fill(3)
    complete = planner.seal

    def slow(run, *args):
        monkeypatch.setattr(planner, "seal", complete)
        overtake(run).release_lease()
        tasks.work(run.pk)
        complete(run, *args)

    monkeypatch.setattr(planner, "seal", slow)
    with pytest.raises(engine.LeaseLost):
        plan("demo-change", add=5)

    run = Run.objects.get()
    assert (run.state, run.rows_planned) == (State.PLANNED, 3)


def test_a_long_call_keeps_the_lease(stage, confirmed, monkeypatch):
    monkeypatch.setattr(heartbeat, "EVERY", 0.05)
    run = confirmed("demo-call", behaviours=["on"])
    left = []

    def slow(self, request):
        soon = timezone.now() + timedelta(seconds=0.3)
        Run.objects.filter(pk=run.pk).update(lease_until=soon)
        time.sleep(0.6)
        left.append(Run.objects.get(pk=run.pk).lease_until - timezone.now())
        return {}

    monkeypatch.setattr(Service, "send", slow)

    assert tasks.work(run.pk) == State.APPLIED
    assert left[0].total_seconds() > 20


def test_an_error_without_a_word_is_shown_too(stage, confirmed, monkeypatch):
    stage.fill(1)
    run = confirmed("demo-change", add=5)

    def stumble(*args):
        raise AssertionError

    monkeypatch.setattr(batch, "write", stumble)

    assert tasks.work(run.pk) == "failed"
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert run.error.startswith("The console itself made a mistake: AssertionError")


class TestLostDatabase:
    """A run waits for a database that does not answer, and goes on afterwards."""

    @pytest.fixture
    def gone(self, monkeypatch):
        def no_answer(*args):
            raise OperationalError("the server closed the connection unexpectedly")

        monkeypatch.setattr(batch, "write", no_answer)

    def test_waits_and_says_for_what(self, queued, gone, operator, client_of):
        assert [tasks.work(queued.pk) for _ in range(7)] == ["waiting"] * 7

        queued.refresh_from_db()
        assert queued.state == State.APPLYING
        page = client_of(operator).get(queued.get_absolute_url()).text
        assert "Waiting for a database" in page

    def test_goes_on(self, queued, gone, monkeypatch):
        tasks.work(queued.pk)
        monkeypatch.undo()

        assert tasks.work(queued.pk) == State.APPLIED
        queued.refresh_from_db()
        assert (queued.rows_written, queued.error) == (1, "")

    def test_leaves_no_error_on_a_run_that_ended_well(self, queued, monkeypatch):
        def no_answer(run):
            raise OperationalError("the server closed the connection unexpectedly")

        monkeypatch.setattr("opsconsole.operations.engine.verification.look", no_answer)
        assert tasks.work(queued.pk) == "waiting"
        monkeypatch.undo()
        tasks.work(queued.pk)

        queued.refresh_from_db()
        assert (queued.state, queued.error) == (State.APPLIED, "")
