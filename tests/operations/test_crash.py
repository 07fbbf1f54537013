"""kill -9 of a worker at every place where something is half done, and at any instant.

The run finishes by itself, nothing is done twice, and the platform is what the run says.
A dead worker's lease is over at once here; nothing else is made easier.
"""

import os
import random
import signal
import time

import pytest

from opsconsole.operations.models import Chunk
from opsconsole.operations.planning import planner, sealing, undo
from opsconsole.operations.states import State
from opsconsole.operations.tasks import ATTEMPTS, work
from tests.conftest import PLATFORM
from tests.operations.conftest import confirm
from tests.operations.nursery import Place
from tests.operations.places import APPLYING, CALLS, DELICATE, PLANNING, SMALL_PARTS
from tests.operations.somebody import SomebodyElse
from tests.operations.stage import assert_as_reported, bring_to_its_end, lease_over

pytestmark = pytest.mark.platform


@pytest.fixture
def killed(nursery):
    """A worker dies at a place."""

    def kill(run, place, **more):
        assert nursery.work(run.pk, place, **more) == "killed"
        assert work(run.pk) == "held or finished"  # as long as its lease lasts

    return kill


class TestApplying:
    @pytest.mark.parametrize("place", APPLYING.values(), ids=APPLYING)
    def test_finishes_with_exact_counts(self, stage, confirmed, killed, place):
        """600 rows in two chunks, of which one row each was changed and deleted."""
        keys = stage.fill(600)
        stage.fill(3, kind="other")
        run = confirmed("demo-change", add=5)
        stage.touch(keys[7])
        stage.delete(keys[500])

        killed(run, place)
        bring_to_its_end(run, work)

        assert run.state == State.APPLIED_WITH_PROBLEMS, run.error
        assert (run.rows_written, run.rows_found, run.rows_skipped) == (598, 0, 2)
        assert_as_reported(stage, [run])

    @pytest.mark.parametrize("name", DELICATE)
    def test_an_undo_restores_exactly(
        self, stage, plan, applied, killed, name, operator
    ):
        keys = stage.fill(600)
        before = stage.rows()
        run = applied(plan("demo-change", add=5))
        back = confirm(undo.plan(run, planner.Request(operator, "browser")), operator)
        stage.touch(keys[7])

        killed(back, APPLYING[name])
        bring_to_its_end(back, work)

        assert back.state == State.APPLIED_WITH_PROBLEMS, back.error
        assert (back.rows_written, back.rows_skipped) == (599, 1)
        del before[keys[7]]
        assert before.items() <= stage.rows().items()
        assert_as_reported(stage, [run, back])


class TestPlanning:
    @pytest.mark.parametrize("place", PLANNING.values(), ids=PLANNING)
    def test_another_worker_plans_anew(self, stage, planned_later, killed, place):
        keys = stage.fill(6000)
        run = planned_later("demo-change", add=5)
        assert run.state == State.PLANNING

        killed(run, place, patches=SMALL_PARTS)
        bring_to_its_end(run, work)

        assert run.state == State.PLANNED, run.error
        assert run.rows_planned == len(keys)
        assert sealing.plan_hash(run) == run.plan_hash
        chunks = Chunk.objects.filter(step__run=run)
        assert {key for chunk in chunks for key in chunk.keys} == set(keys)
        assert not stage.our_writes()

    def test_of_an_undo(self, stage, plan, applied, planned_later, killed, operator):
        stage.fill(6000)
        before = stage.rows()
        run = applied(plan("demo-change", add=5))
        back = planned_later(run)
        assert back.state == State.PLANNING

        killed(back, PLANNING["between two parts of the plan"], patches=SMALL_PARTS)
        bring_to_its_end(back, work)
        assert back.state == State.PLANNED, back.error
        confirm(back, operator)
        bring_to_its_end(back, work)

        assert back.state == State.APPLIED, back.error
        assert_as_reported(stage, [run, back])
        assert {key: row["value"] for key, row in stage.rows().items()} == {
            key: row["value"] for key, row in before.items()
        }


KINDS = {
    "demo-insert": "demonstration_archive",
    "demo-delete": "demonstration",
    "demo-move": "demonstration_archive",
}


@pytest.mark.parametrize("slug", KINDS)
@pytest.mark.parametrize("name", DELICATE)
def test_other_kinds_of_steps(stage, confirmed, killed, undone, slug, name):
    stage.fill(600)
    before = stage.rows()
    run = confirmed(slug)

    killed(run, APPLYING[name])
    bring_to_its_end(run, work)
    assert (run.state, run.rows_written) == (State.APPLIED, 600), run.error

    back = undone(run)
    assert (back.state, back.rows_written) == (State.APPLIED, 600), back.error
    assert stage.rows() == before
    assert stage.rows("demonstration_archive") == {}


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        (Place(f"{CALLS}._mark_sent"), 1),
        (Place(f"{CALLS}._mark_sent", "after"), 1),  # it never left
        (
            Place("tests.operations.service.Service.send", "after"),
            1,
        ),  # sent, unanswered
        (Place(f"{CALLS}._keep"), 1),
        (Place(f"{CALLS}._keep", "after"), 1),
    ],
    ids=lambda place: str(place),
)
def test_a_call_is_made_once(stage, confirmed, killed, place, asked):
    run = confirmed("demo-call", behaviours=["on", "on"])

    killed(run, place)
    bring_to_its_end(run, work)

    assert (run.state, run.rows_written) == (State.APPLIED, 2), run.error
    assert stage.service("asked") == [(0, "on"), (1, "on")]


def test_asks_the_rows_when_the_platform_forgot_the_transaction(
    stage, confirmed, killed
):
    """A restored or very old platform does not know the id; the rows still tell."""
    stage.fill(3)
    run = confirmed("demo-change", add=5)
    killed(run, APPLYING["between the platform's commit and the console's"])
    Chunk.objects.update(xid="9000000000")

    bring_to_its_end(run, work)

    assert (run.rows_written, run.rows_found, run.rows_skipped) == (3, 0, 0)


def test_gives_up_when_every_worker_dies_at_the_same_place(stage, confirmed, nursery):
    stage.fill(3)
    run = confirmed("demo-change", add=5)
    place = APPLYING["before the lock"]

    for _ in range(ATTEMPTS):
        assert nursery.work(run.pk, place) == "killed"
        lease_over(run)
    assert nursery.work(run.pk, place) == "said failed"

    run.refresh_from_db()
    assert run.state == State.FAILED
    assert "5 workers in a row died" in run.error
    assert not stage.our_writes()


def kill_at_random(run, nursery, chance, kills):
    """Workers that die at any instant, until the run is at its end; how many died."""
    died = 0
    while True:
        run.refresh_from_db()
        if not run.is_working:
            return died
        lease_over(run)
        worker = nursery.start(run.pk)
        if died < kills and run.attempts < ATTEMPTS - 1:
            time.sleep(chance.uniform(0.02, 0.3))
            os.kill(worker, signal.SIGKILL)
        died += nursery.wait(worker) == "killed"


def test_at_any_instant_while_another_program_writes(
    stage, confirmed, operator, nursery
):
    """20,000 rows, applied and undone under ten kills and more."""
    seed = int(os.environ.get("OPSCONSOLE_TEST_SEED", "0")) or random.randrange(10**6)
    chance = random.Random(seed)
    keys = stage.fill(20_000)
    run = confirmed("demo-change", add=5)
    with SomebodyElse(PLATFORM, keys, seed):
        died = kill_at_random(run, nursery, chance, 5)
        back = undo.plan(run, planner.Request(operator, "browser"))
        died += kill_at_random(back, nursery, chance, 1)  # while planning
        confirm(back, operator)
        died += kill_at_random(back, nursery, chance, 5)

    assert run.rows_left == back.rows_left == 0, seed
    assert run.rows_written > 10_000
    assert run.rows_skipped, "the other program was too slow to be met"
    assert died >= 8, "most workers were done before they could be killed"
    assert_as_reported(stage, [run, back])
