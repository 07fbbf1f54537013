"""Move runs on: the only writer to the platform's database.

A claimed run is advanced piece by piece. Each piece leaves a state from which any other
worker can go on; between two pieces a person's pause or cancel is granted.
"""

import time
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from opsconsole.history import collecting
from opsconsole.operations import (
    effects,
    expiry,
    line,
    planner,
    signals,
    trail,
    verification,
)
from opsconsole.operations.engine import batch, calls, holders
from opsconsole.operations.engine.errors import (
    MustWait,
    PlanChanged,
    StepFailed,
    is_busy,
    is_lost,
)
from opsconsole.operations.engine.settling import settle
from opsconsole.operations.engine.shift import Shift
from opsconsole.operations.lease import LeaseLost, proving
from opsconsole.operations.models import Chunk, Run, Step
from opsconsole.operations.states import UNDOABLE, State
from opsconsole.operations.verdicts import Level

__all__ = ["LeaseLost", "PlanChanged", "Shift", "advance", "fail"]

READ_AHEAD = 20  # chunks: 10,000 rows
TRIES = 3  # in a row, each with fewer chunks and after a longer pause
PATIENCE = timedelta(hours=1)  # for rows that somebody else holds
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=30)


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
        return _verify(run)
    if run.state == State.WAITING:
        run.move(State.APPLYING, waiting_for="", wait_until=None)
    try:
        _settle_once(run, shift)
    except MustWait as wait:
        return _wait(run, str(wait), wait.wait)
    if _granted(run):
        return False
    chunks = _next_chunks(run, shift)
    if not chunks:
        run.move(State.VERIFYING)
        return True
    return _apply(run, chunks, shift)


def fail(run: Run, sentence: str) -> None:
    """Stop the run with an error that its page shows, after settling what is in doubt.

    Raises LeaseLost or DatabaseError when that is not possible yet; then the next worker
    settles it.
    """
    settle(run)
    calls.settle(run, patience=timedelta())
    with transaction.atomic():
        run.move(State.FAILED, error=sentence)
        _ended(run, "failed", error=sentence)


def _plan(run: Run) -> bool:
    if run.cancel_requested_by_id:
        return _cancel(run)
    try:
        planner.work_out(run)
    except planner.GivenUp:
        return _cancel(run)
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
    _check_plan(run)
    with transaction.atomic():
        if not line.may_start(run):
            run.release_lease()
            return False
        run.move(State.APPLYING, started_at=run.started_at or timezone.now())
        run.say("Goes on." if run.rows_done else "Started.")
        _record(run, "started")
    return True


def _check_plan(run: Run) -> None:
    if planner.plan_hash(run) != run.plan_hash:
        raise PlanChanged("The stored plan is not the one that was confirmed.")


def _verify(run: Run) -> bool:
    """Look at the next chunks; when all are looked at, say how it went."""
    if verification.look(run):
        return True
    _check_plan(run)
    verdicts = verification.verdicts(run)
    well = all(verdict.level in (Level.OK, Level.NOTE) for verdict in verdicts)
    state = State.APPLIED if well else State.APPLIED_WITH_PROBLEMS
    with transaction.atomic():
        run.move(state, error="", verification=[v.as_json() for v in verdicts])
        effects.schedule(run)
        _undone(run)
        run.say(f"Ended: {state}.")
        _ended(run, "applied", verification=[v.sentence for v in verdicts])
    return False


def _undone(run: Run) -> None:
    """An undo after which nothing is left to undo says so on the run that it took back.

    What it found as it was before, another undo or somebody else had put back.
    """
    original = run.undo_of
    if original is None or run.state != State.APPLIED:
        return
    if run.rows_planned == original.rows_written and original.state in UNDOABLE:
        original.move(State.UNDONE)
        trail.record(original, "undone", by_run=run.pk)
    if original.undo_of is not None and original.undo_of.state == State.UNDONE:
        original.undo_of.move(State.APPLIED)  # its undo was undone


def _granted(run: Run) -> bool:
    """Grant what a person asked for since the last piece of work."""
    run.refresh_from_db(
        fields=["cancel_requested_by", "pause_requested_by", "pause_reason"]
    )
    if run.cancel_requested_by_id:
        _cancel(run)
        return True
    if run.pause_requested_by_id:
        with transaction.atomic():
            waits = {"waiting_for": "", "wait_until": None, "waiting_since": None}
            run.move(State.PAUSED, paused_at=Now(), error="", **waits)
            run.say(f"Paused. {run.pause_reason}".strip())
            _record(run, "paused", actor=run.pause_requested_by)
        return True
    return False


def _cancel(run: Run) -> bool:
    with transaction.atomic():
        run.refresh_from_db(fields=["cancel_requested_by"])
        run.move(State.CANCELLED, error="", waiting_for="", wait_until=None)
        run.say("Cancelled.")
        _ended(run, "cancelled", actor=run.cancel_requested_by)
    return False


def _settle_once(run: Run, shift: Shift) -> None:
    """Nothing is in doubt after a batch that ended well."""
    if not shift.settled:
        settle(run)
        calls.settle(run)
        shift.settled, shift.ready = True, []


def _next_chunks(run: Run, shift: Shift) -> list[Chunk]:
    """The next chunks of one step, in order; one batch never spans two steps.

    Read ahead: who holds the lease is alone in taking them, and each batch proves that
    its chunks are still as they were planned.
    """
    if not shift.ready:
        open_chunks = Chunk.objects.filter(
            step__run=run, state=Chunk.State.PLANNED, step__error=""
        )
        first = open_chunks.only("step").order_by("step__number", "number").first()
        if first is not None:
            same_step = open_chunks.filter(step=first.step_id).order_by("number")
            shift.ready = Chunk.objects.texts_of(same_step[:READ_AHEAD])
    return shift.ready[: shift.pace.chunks]


def _apply(run: Run, chunks: list[Chunk], shift: Shift) -> bool:
    """Carry out some chunks; wait, try again or give the step up when that is refused.

    A lost connection goes up: it leaves the commit in doubt until the platform was
    asked, and the run waits for the platform to come back.
    """
    step = chunks[0].step
    _announce(run, step, shift)
    shift.settled = False  # until it is known how this ends
    try:
        return _try(run, step, chunks, shift)
    except StepFailed as error:
        return _give_up(run, step, error)


def _try(run: Run, step: Step, chunks: list[Chunk], shift: Shift) -> bool:
    try:
        shift.throttle.check()
        if step.kind == "call":
            calls.make(run, chunks[0])
        else:
            done = batch.write(run, chunks, shift.pace)
            shift.settled, shift.ready = True, shift.ready[done:]
    except MustWait as wait:
        return _wait(run, str(wait), wait.wait)
    except DatabaseError as error:
        return _refused(run, step, error, shift)
    return True


def _announce(run: Run, step: Step, shift: Shift) -> None:
    if shift.step != step.pk:
        shift.step = step.pk
        _say(run, f"At step {step.number + 1}: {step.title}.")


def _say(run: Run, text: str) -> None:
    """Add a line to the log, unless the run is another worker's by now."""
    with proving(run):
        run.say(text)


def _refused(run: Run, step: Step, error: DatabaseError, shift: Shift) -> bool:
    """Rows held by others are waited for; what is slow is tried in smaller pieces."""
    if isinstance(error.__cause__, LockNotAvailable):
        shift.pace.slow_down()
        sentence = f"Rows are locked by somebody else. {holders.sentence(step.table)}"
        return _wait(run, sentence.strip())
    if is_busy(error):
        shift.pace.failed()
        if shift.pace.failures < TRIES:
            cause = type(error.__cause__).__name__
            _say(run, f"Refused, tried again with fewer rows: {cause}.")
            time.sleep(0.2 * shift.pace.failures)
            return True
    elif is_lost(error):
        raise error
    return _give_up(run, step, error)


def _give_up(run: Run, step: Step, error: Exception) -> bool:
    """An optional step is left with its reason; any other one fails the run."""
    if not step.optional:
        raise error
    settle(run)
    sentence = str(error).partition("\n")[0][:500]
    with proving(run):
        Step.objects.filter(pk=step.pk).update(error=sentence)
        run.say(f"Step “{step.title}” failed and is left: {sentence}")
    return True


def _wait(run: Run, sentence: str, wait: timedelta | None = None) -> bool:
    """Leave the run until the wait is over; without one given, ever longer waits."""
    now = timezone.now()
    since = run.waiting_since or now
    if wait is None:
        if now - since > PATIENCE:
            raise StepFailed(f"Waited for {PATIENCE}: {sentence}")
        wait = min(max((now - since) / 4, SHORTEST_WAIT), LONGEST_WAIT)
    first = run.waiting_since is None
    with transaction.atomic():
        run.move(
            State.WAITING,
            waiting_for=sentence[:300],
            waiting_since=since,
            wait_until=Now() + wait,
        )
        if first:  # since the last progress
            run.say(f"Waits: {sentence}")
    return False


def _ended(run: Run, deed: str, **details: Any) -> None:
    """What the pages count is another number now; the audit's entry comes last."""
    if Run.objects.filter(pk=run.pk, rows_written__gt=0).exists():
        collecting.soon()
    signals.send(signals.ended, run)
    _record(run, deed, **details)


def _record(run: Run, deed: str, **details: Any) -> None:
    counts = Run.objects.values(
        "rows_planned", "rows_written", "rows_found", "rows_skipped"
    )
    trail.record(run, deed, **counts.get(pk=run.pk), **details)
