"""Take the next chunks of a run and have them carried out."""

from django.db import DatabaseError

from opsconsole.operations.engine import batch, calls
from opsconsole.operations.engine.errors import MustWait, StepFailed
from opsconsole.operations.engine.refusals import give_up, refused, say, wait
from opsconsole.operations.engine.settling import settle
from opsconsole.operations.engine.shift import Shift
from opsconsole.operations.models import Chunk, Run, Step
from opsconsole.operations.steps import KINDS

PLANNED = Chunk.State.PLANNED
AT_STEP = "At step "
READ_AHEAD = 40  # chunks: 20,000 rows


def apply(run: Run, chunks: list[Chunk], shift: Shift) -> bool:
    """Carry out some chunks; wait, try again or give the step up when that is refused.

    A lost connection goes up: it leaves the commit in doubt until the platform was
    asked, and the run waits for the platform to come back.
    """
    step, waited = chunks[0].step, run.waiting_since is not None
    _announce(run, step, shift)
    shift.settled = False  # until it is known how this ends
    try:
        more = _try(run, step, chunks, shift)
    except StepFailed as error:
        return give_up(run, step, error)
    if waited and run.waiting_since is None:  # since there was progress
        say(run, "Goes on.")
    return more


def _try(run: Run, step: Step, chunks: list[Chunk], shift: Shift) -> bool:
    try:
        shift.throttle.check()
        if step.kind == "call":
            calls.make(run, chunks[0])
        else:
            _write(run, chunks, shift)
            shift.settled = True
            shift.ready = [one for one in shift.ready if one.state == PLANNED]
    except MustWait as reason:
        return wait(run, str(reason), reason.wait)
    except DatabaseError as error:
        return refused(run, step, error, shift)
    return True


def _write(run: Run, chunks: list[Chunk], shift: Shift) -> None:
    """In one transaction, or in two side by side; an error waits for the other's end.

    Measured: two take 0.6 of the time of one, since each waits for two databases.
    """
    first, second = chunks[: shift.pace.chunks], chunks[shift.pace.chunks :]
    beside = shift.lane.begin(batch.write, run, second, shift.pace) if second else None
    try:
        batch.write(run, first, shift.pace)
    finally:
        failed = beside.exception() if beside else None
    if failed:
        raise failed


def _announce(run: Run, step: Step, shift: Shift) -> None:
    """Say it once for each step, whoever works at it and however often that waits."""
    if shift.step == step.pk:
        return
    shift.step = step.pk
    line = f"{AT_STEP}{step.number + 1}: {step.title}."[:500]
    last = run.log.filter(text__startswith=AT_STEP).order_by("-pk").first()
    if last is None or last.text != line:
        say(run, line)


def next_chunks(run: Run, shift: Shift) -> list[Chunk]:
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
    return shift.ready[: shift.pace.chunks * _lanes(shift)]


def _lanes(shift: Shift) -> int:
    """Two once it goes well; one for few rows, after a refusal and where order matters."""
    smooth = shift.pace.chunks > 1 and not shift.pace.failures
    kind = KINDS[shift.ready[0].step.kind] if shift.ready else None
    return 2 if smooth and kind and kind.side_by_side else 1


def settle_once(run: Run, shift: Shift) -> None:
    """Nothing is in doubt after a batch that ended well."""
    if not shift.settled:
        settle(run)
        calls.settle(run)
        shift.settled, shift.ready = True, []
