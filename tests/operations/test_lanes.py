"""Two batches side by side: what both wrote, and what is in doubt when both are lost."""

from itertools import count
from threading import Barrier, current_thread

import pytest
from django.db import OperationalError

from opsconsole.operations.engine import batch
from opsconsole.operations.models import Chunk
from opsconsole.operations.states import State
from opsconsole.operations.steps import chunking
from opsconsole.operations.tasks import work
from tests.operations.nursery import Place
from tests.operations.places import BATCH
from tests.operations.stage import assert_as_reported, bring_to_its_end, lease_over

pytestmark = pytest.mark.platform


@pytest.fixture
def many_chunks(stage, confirmed, monkeypatch):
    """60 rows in 12 chunks, of whose last somebody else changes a row."""
    monkeypatch.setattr(chunking, "CHUNK_ROWS", 5)
    keys = stage.fill(60)
    run = confirmed("demo-change", add=5)
    stage.touch(max(keys))
    return run


@pytest.fixture
def lost(monkeypatch):
    """The second and the third batch, which go side by side, are both lost there."""

    def lose_at(name, *, done):
        whole, numbers, meet = getattr(batch, name), count(1), Barrier(2, timeout=10)

        def lose(run, chunks, *rest):
            number = next(numbers)
            if number in (2, 3):
                if done:
                    whole(run, chunks, *rest)
                meet.wait()
                raise OperationalError("the connection is gone")
            return whole(run, chunks, *rest)

        monkeypatch.setattr(batch, name, lose)

    return lose_at


def test_chunks_are_written_by_two_threads(many_chunks, stage, monkeypatch):
    write, threads = batch.write, set()

    def seen(*args):
        threads.add(current_thread().name.partition("_")[0])
        return write(*args)

    monkeypatch.setattr(batch, "write", seen)
    work(many_chunks.pk)

    many_chunks.refresh_from_db()
    assert threads == {"MainThread", "lane"}
    assert (many_chunks.rows_written, many_chunks.rows_skipped) == (59, 1)
    assert_as_reported(stage, [many_chunks])


def test_steps_in_which_order_matters_have_one(stage, confirmed, monkeypatch):
    monkeypatch.setattr(chunking, "CHUNK_ROWS", 5)
    stage.fill(60)
    run = confirmed("demo-delete")
    write, threads = batch.write, set()

    def seen(*args):
        threads.add(current_thread().name)
        return write(*args)

    monkeypatch.setattr(batch, "write", seen)
    work(run.pk)

    run.refresh_from_db()
    assert (run.state, threads) == (State.APPLIED, {"MainThread"})


@pytest.mark.parametrize(
    ("place", "done", "written"),
    [("_store", True, 5), ("mark", False, 25)],
    ids=["before the platform's commit", "before the console's"],
)
def test_two_transactions_in_doubt_are_settled(
    many_chunks, stage, lost, place, done, written
):
    lost(place, done=done)

    assert work(many_chunks.pk) == "waiting"

    in_doubt = Chunk.objects.filter(state=Chunk.State.STORED)
    assert in_doubt.values("xid").distinct().count() == 2
    assert len(stage.our_writes()) == written
    bring_to_its_end(many_chunks, work)
    assert (many_chunks.rows_written, many_chunks.rows_skipped) == (59, 1)
    assert_as_reported(stage, [many_chunks])


@pytest.mark.parametrize("nth", [2, 3, 4])
@pytest.mark.parametrize(
    ("function", "when"),
    [("_store", "before"), ("_store", "after"), ("mark", "before"), ("mark", "after")],
)
def test_killed_side_by_side(many_chunks, stage, nursery, function, when, nth):
    place = Place(f"{BATCH}.{function}", when, nth)

    assert nursery.work(many_chunks.pk, place) == "killed"
    lease_over(many_chunks)
    bring_to_its_end(many_chunks, work)

    assert (many_chunks.rows_written, many_chunks.rows_skipped) == (59, 1)
    assert_as_reported(stage, [many_chunks])


def test_an_error_of_one_lets_the_other_finish(many_chunks, stage, monkeypatch):
    """A programming error, say: it stops the run, whose other half is counted."""
    store = batch._store

    def stumble(*args):
        if current_thread().name.startswith("lane"):
            raise RuntimeError("stumbled")
        store(*args)

    monkeypatch.setattr(batch, "_store", stumble)

    assert work(many_chunks.pk) == "failed"

    many_chunks.refresh_from_db()
    assert "stumbled" in many_chunks.error
    assert many_chunks.rows_written == len(stage.our_writes()) > 5
    assert_as_reported(stage, [many_chunks])
