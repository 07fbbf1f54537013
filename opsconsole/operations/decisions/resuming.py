"""Let a paused run go on. After a long pause that is a decision of its own."""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from opsconsole.accounts.models import User
from opsconsole.operations import expiry, signals, trail
from opsconsole.operations.decisions import line
from opsconsole.operations.decisions.refusing import (
    Refused,
    check_own,
    check_permission,
    check_typed,
    or_refused,
)
from opsconsole.operations.models import Run
from opsconsole.operations.risks import Risk
from opsconsole.operations.states import State
from opsconsole.operations.tasks import nudge

CALM = {"pause_requested_by": None, "pause_reason": "", "paused_at": None}


def go_on(run: Run, user: User, *, typed: int | None = None) -> None:
    """Continue a paused run. Raises Refused.

    Paused for over an hour, it asks again: for the number of rows left, and a dangerous
    one for another approval.
    """
    check_permission(run, user, "continue")
    if run.state != State.PAUSED:
        raise Refused(f"Run {run.pk} is {run.state}; only a paused one can go on.")
    long = paused_long(run)
    if long:
        check_typed(typed, run.rows_left, "the paused run has still to do")
    if long and run.risk == Risk.DANGEROUS:
        check_own(run, user, "ask for its approval again")
        _ask_again(run, user)
    else:
        _go_on(run, user, *(() if long else (expiry.PAUSED_BRIEFLY,)))


def paused_long(run: Run) -> bool:
    """Whether the pause outlasted the hour in which one click lets it go on."""
    paused = Run.objects.filter(pk=run.pk, state=State.PAUSED)
    return paused.exclude(expiry.PAUSED_BRIEFLY).exists()


def _go_on(run: Run, user: User, *conditions: Q) -> None:
    with or_refused(run), transaction.atomic():
        line.lock()
        if emergency := line.emergency_on(run):
            raise Refused(
                f"Run {emergency.pk} ({emergency.title}) is an emergency on the same"
                " columns: let this one go on when that one has ended."
            )
        run.move(State.APPLYING, *conditions, **CALM)
        nudge(run)
        trail.record(run, "resumed", actor=user, rows_left=run.rows_left)


def _ask_again(run: Run, user: User) -> None:
    with or_refused(run), transaction.atomic():
        run.move(State.AWAITING, asked_at=Now(), **CALM)
        signals.send(signals.approval_asked, run)
        trail.record(run, "approval_asked", actor=user, rows_left=run.rows_left)
