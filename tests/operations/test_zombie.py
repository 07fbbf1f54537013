"""A worker that is stopped, overtaken by another and by an undo, and then goes on.

It writes nothing, neither on the platform nor in the console.
"""

import os
import signal

import pytest
from django.db import connection

from opsconsole.operations import decisions
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner, sealing, undo
from opsconsole.operations.states import State
from opsconsole.operations.tasks import work
from opsconsole.platform.db.writing import IDLE_TIMEOUT
from tests.operations.conftest import confirm
from tests.operations.nursery import ENGINE, Place
from tests.operations.places import APPLYING, CALLS, PLANNING, SMALL_PARTS
from tests.operations.stage import bring_to_its_end, lease_over

# A stopped worker's transaction dies before its lease; here sooner, to wait less.
SOON = {  # milliseconds
    "opsconsole.platform.db.writing.IDLE_TIMEOUT": 300,
    "opsconsole.operations.sessions.IDLE_TIMEOUT": 300,
    "opsconsole.platform.db.SNAPSHOT_IDLE_TIMEOUT": 300,
}
OVERTAKEN = (
    "said overtaken",
    "said held or finished",
    "said waiting",  # its transaction had died
)
STOPPED = {
    **APPLYING,
    "before it says what it does": Place(f"{ENGINE}.applying._announce"),
    "before it takes the next chunks": Place(f"{ENGINE}.next_chunks"),
    "before it stores what it has seen": Place(
        "opsconsole.operations.engine.verification._holding", "after"
    ),
    "before a pause is looked for": Place(f"{ENGINE}.granted"),
}


@pytest.fixture
def stopped(nursery):
    """A worker stops at a place, and its lease runs out. Its pid."""

    def stop(run, place, **more):
        pid = nursery.start(run.pk, place, "STOP", **more)
        assert nursery.wait(pid) == "stopped"
        lease_over(run)
        return pid

    return stop


def go_on(nursery, pid):
    os.kill(pid, signal.SIGCONT)
    return nursery.wait(pid)


def everything():
    """All that the console holds of runs."""
    found = {}
    with connection.cursor() as cursor:
        for table in ("run", "step", "chunk", "logline", "effectcheck"):
            cursor.execute(f"SELECT t::text FROM operations_{table} t ORDER BY t.id")
            found[table] = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM audit_entry")
        found["audit"] = cursor.fetchone()
    return found


@pytest.mark.parametrize("name", STOPPED)
def test_writes_nothing_after_another_finished_and_an_undo(
    stage, confirmed, stopped, nursery, operator, name
):
    keys = stage.fill(600)
    before = stage.rows()
    run = confirmed("demo-change", add=5)
    stage.touch(keys[3])
    zombie = stopped(run, STOPPED[name], patches=SOON)

    bring_to_its_end(run, work)
    assert (run.state, run.rows_written) == (State.APPLIED_WITH_PROBLEMS, 599)
    back = confirm(undo.plan(run, planner.Request(operator, "browser")), operator)
    bring_to_its_end(back, work)
    assert (back.state, back.rows_written) == (State.APPLIED, 599)
    platform, console = stage.rows(), everything()

    said = go_on(nursery, zombie)

    assert everything() == console
    assert stage.rows() == platform
    touched = {key for key, row in platform.items() if row["hand"]}
    assert {k: r for k, r in platform.items() if k not in touched} == {
        k: r for k, r in before.items() if k not in touched
    }
    assert set(stage.our_writes().values()) == {2}
    assert said in OVERTAKEN


@pytest.mark.parametrize(
    "name", ["before the lock", "before the result is stored", "between two chunks"]
)
def test_writes_nothing_after_another_granted_a_cancel(
    stage, confirmed, stopped, nursery, operator, name
):
    """The chunk is still open then: the lease alone says that it is not to be written."""
    stage.fill(600)
    run = confirmed("demo-change", add=5)
    zombie = stopped(run, STOPPED[name], patches=SOON)
    decisions.cancel(Run.objects.get(pk=run.pk), operator)
    bring_to_its_end(run, work)
    assert run.state == State.CANCELLED
    platform, console = stage.rows(), everything()

    assert go_on(nursery, zombie) in OVERTAKEN

    assert everything() == console
    assert stage.rows() == platform
    assert len(stage.our_writes()) == run.rows_written


@pytest.mark.parametrize("name", PLANNING)
def test_leaves_the_plan_of_another_alone(stage, planned_later, stopped, nursery, name):
    stage.fill(6000)
    run = planned_later("demo-change", add=5)
    zombie = stopped(run, PLANNING[name], patches=SMALL_PARTS | SOON)
    bring_to_its_end(run, work)
    assert run.state == State.PLANNED
    console = everything()

    assert go_on(nursery, zombie) in OVERTAKEN

    assert everything() == console
    assert sealing.plan_hash(run) == run.plan_hash


@pytest.mark.parametrize("name", PLANNING)
def test_does_not_disturb_another_that_still_plans(
    stage, planned_later, stopped, nursery, name
):
    """The overtaken goes on while the other is in the middle of its plan."""
    stage.fill(6000)
    run = planned_later("demo-change", add=5)
    zombie = stopped(run, PLANNING[name], patches=SMALL_PARTS | SOON)
    middle = Place("opsconsole.operations.planning.planner._heed_cancel")
    other = nursery.start(run.pk, middle, "STOP", patches=SMALL_PARTS)
    assert nursery.wait(other) == "stopped"

    assert go_on(nursery, zombie) in OVERTAKEN
    assert go_on(nursery, other) == "said planned"

    run.refresh_from_db()
    assert (run.state, run.rows_planned) == (State.PLANNED, 6000), run.error


@pytest.mark.parametrize(
    "place",
    [
        Place(f"{CALLS}._mark_sent"),
        Place(f"{CALLS}._mark_sent", "after"),
        Place("tests.operations.service.Service.send", "after"),
        Place(f"{CALLS}._keep"),
    ],
    ids=str,
)
def test_makes_no_call_that_another_made(stage, confirmed, stopped, nursery, place):
    run = confirmed("demo-call", behaviours=["on", "on"])
    zombie = stopped(run, place)
    bring_to_its_end(run, work)
    assert (run.state, run.rows_written) == (State.APPLIED, 2), run.error
    console = everything()

    go_on(nursery, zombie)

    assert everything() == console
    assert stage.service("asked") == [(0, "on"), (1, "on")]


def test_its_transaction_dies_before_its_lease(
    stage, confirmed, stopped, nursery, settings
):
    """Without being told sooner: the rows are free again after IDLE_TIMEOUT."""
    stage.fill(3)
    run = confirmed("demo-change", add=5)
    zombie = stopped(
        run, APPLYING["between the stored result and the platform's commit"]
    )
    stage.sql("SET lock_timeout = '6s'")

    stage.sql("UPDATE demonstration SET hand = NULL")

    assert IDLE_TIMEOUT < settings.LEASE_SECONDS * 1000
    go_on(nursery, zombie)
    assert not stage.our_writes()
    assert Run.objects.get().state == State.APPLYING
