"""Move runs on: the only writer to the platform's database.

A claimed run is advanced piece by piece. Each piece leaves a state from which any other
worker can go on; between two pieces a person's pause or cancel is granted.
"""

from django.db import transaction
from django.utils import timezone

from opsconsole.operations import expiry, trail
from opsconsole.operations.decisions import line
from opsconsole.operations.engine.applying import apply, next_chunks, settle_once
from opsconsole.operations.engine.ending import (
    cancel,
    check_plan,
    fail,
    granted,
    record,
    verify,
)
from opsconsole.operations.engine.errors import MustWait, PlanChanged
from opsconsole.operations.engine.refusals import wait
from opsconsole.operations.engine.shift import Shift
from opsconsole.operations.lease import LeaseLost
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner
from opsconsole.operations.states import State

__all__ = ["LeaseLost", "PlanChanged", "Shift", "advance", "fail"]


def advance(run: Run, shift: Shift) -> bool:
    """Do the next piece of work of a claimed run; whether there is more to do now.

    Raises LeaseLost when another worker may have taken over, PlanChanged when the plan
    was tampered with, StepFailed and DatabaseError when the platform keeps refusing.
    """
    if run.state == State.PLANNING:
        return _plan(run)
    if run.state == State.QUEUED:
        return _start(run)
    if run.state == State.VERIFYING:
        return verify(run)
    if run.state == State.WAITING:
        run.move(State.APPLYING, waiting_for="", wait_until=None)
    try:
        settle_once(run, shift)
    except MustWait as reason:
        return wait(run, str(reason), reason.wait)
    if granted(run):
        return False
    chunks = next_chunks(run, shift)
    if not chunks:
        run.move(State.VERIFYING)
        return True
    return apply(run, chunks, shift)


def _plan(run: Run) -> bool:
    if run.cancel_requested_by_id:
        return cancel(run)
    try:
        planner.work_out(run)
    except planner.GivenUp:
        return cancel(run)
    except planner.CannotPlan as error:
        with transaction.atomic():
            run.move(State.FAILED, error=str(error))
            trail.record(run, "failed", error=str(error))
    return False


def _start(run: Run) -> bool:
    """Check the plan once more, then begin; an expired plan ends here.

    One that is not the first of its line any more goes back into it.
    """
    if expiry.expire(run):
        return False
    check_plan(run)
    with transaction.atomic():
        if not line.may_start(run):
            run.release_lease()
            return False
        run.move(State.APPLYING, started_at=run.started_at or timezone.now())
        run.say("Goes on." if run.rows_done else "Started.")
        record(run, "started")
    return True
