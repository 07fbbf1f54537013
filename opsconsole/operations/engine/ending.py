"""How a run leaves work: proven, granted a person's wish, or failed."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from opsconsole.history import collecting
from opsconsole.operations import effects, signals, trail
from opsconsole.operations.engine import calls, verification
from opsconsole.operations.engine.errors import PlanChanged
from opsconsole.operations.engine.settling import settle
from opsconsole.operations.models import Run
from opsconsole.operations.planning import sealing
from opsconsole.operations.states import UNDOABLE, State
from opsconsole.operations.verdicts import Level


def verify(run: Run) -> bool:
    """Look at the next chunks; when all are looked at, say how it went."""
    if verification.look(run):
        return True
    check_plan(run)
    verdicts = verification.verdicts(run)
    well = all(verdict.level in (Level.OK, Level.NOTE) for verdict in verdicts)
    state = State.APPLIED if well else State.APPLIED_WITH_PROBLEMS
    with transaction.atomic():
        run.move(state, error="", verification=[v.as_json() for v in verdicts])
        effects.schedule(run)
        _undone(run)
        run.say(f"Ended: {state}.")
        deed = "applied" if well else "applied_with_problems"
        _ended(run, deed, verification=[v.sentence for v in verdicts])
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


def granted(run: Run) -> bool:
    """Grant what a person asked for since the last piece of work."""
    run.refresh_from_db(
        fields=["cancel_requested_by", "pause_requested_by", "pause_reason"]
    )
    if run.cancel_requested_by_id:
        cancel(run)
        return True
    if run.pause_requested_by_id:
        with transaction.atomic():
            waits = {"waiting_for": "", "wait_until": None, "waiting_since": None}
            run.move(State.PAUSED, paused_at=Now(), error="", **waits)
            run.say(f"Paused. {run.pause_reason}".strip())
            record(run, "paused", actor=run.pause_requested_by)
        return True
    return False


def cancel(run: Run) -> bool:
    with transaction.atomic():
        run.refresh_from_db(fields=["cancel_requested_by"])
        run.move(State.CANCELLED, error="", waiting_for="", wait_until=None)
        run.say("Cancelled.")
        _ended(run, "cancelled", actor=run.cancel_requested_by)
    return False


def _ended(run: Run, deed: str, **details: Any) -> None:
    """What the pages count is another number now; the audit's entry comes last."""
    if Run.objects.filter(pk=run.pk, rows_written__gt=0).exists():
        collecting.soon()
    signals.send(signals.ended, run)
    record(run, deed, **details)


def record(run: Run, deed: str, **details: Any) -> None:
    counts = Run.objects.values(
        "rows_planned", "rows_written", "rows_found", "rows_skipped"
    )
    trail.record(run, deed, **counts.get(pk=run.pk), **details)


def fail(run: Run, sentence: str) -> None:
    """Stop the run with an error that its page shows, after settling what is in doubt.

    Raises LeaseLost or DatabaseError when that is not possible yet; then the next worker
    settles it.
    """
    settle(run)
    calls.settle(run, patience=timedelta())
    with transaction.atomic():
        run.move(State.FAILED, error=sentence)
        run.say(f"Ended: failed. {sentence}")
        _ended(run, "failed", error=sentence)


def check_plan(run: Run) -> None:
    if sealing.plan_hash(run) != run.plan_hash:
        raise PlanChanged("The stored plan is not the one that was confirmed.")
