"""Pause and cancel: at once where nobody works, else as a request to the worker.

Everybody who may run the operation may stop it, whoever began it.
"""

from django.db import transaction

from opsconsole.accounts.models import User
from opsconsole.operations import trail
from opsconsole.operations.decisions.line import PAUSABLE
from opsconsole.operations.decisions.refusing import (
    Refused,
    check_permission,
    or_refused,
)
from opsconsole.operations.models import IllegalMove, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import nudge

AT_ONCE = (State.PLANNED, State.AWAITING, State.QUEUED, State.PAUSED)
BY_A_WORKER = (State.PLANNING, *PAUSABLE)
LONGEST_WHY = 200  # characters of a pause's reason


def cancel(run: Run, user: User, why: str = "") -> None:
    """Discard a plan, or ask the worker to stop after its current chunk. Raises Refused.

    `why` is a sentence for the page of a plan that nobody wanted to be discarded.
    """
    check_permission(run, user, "cancel")
    if run.is_finished:
        raise Refused(f"Run {run.pk} is already {run.state}; it cannot be cancelled.")
    with or_refused(run), transaction.atomic():
        if run.state in AT_ONCE and run.lease_token is None:
            run.move(State.CANCELLED, cancel_requested_by=user, error=why)
            if why:
                run.say(f"Ended: cancelled. {why}")
            reason = {"why": why} if why else {}
            trail.record(run, "cancelled", actor=user, **trail.origin(run), **reason)
        else:
            _request(run, BY_A_WORKER, cancel_requested_by=user)
            trail.record(run, "cancel_requested", actor=user, **trail.origin(run))


def pause(run: Run, user: User, reason: str = "") -> None:
    """Ask the worker to stop after its current chunk until somebody lets it go on.

    A run that is queued pauses before its first row. Raises Refused.
    """
    check_permission(run, user, "pause")
    why = " ".join(reason.split())[:LONGEST_WHY]
    if run.state not in PAUSABLE:
        raise Refused(f"Run {run.pk} is {run.state}; only one at work can pause.")
    if by := run.pause_requested_by:
        raise Refused(f"{by.username} has asked it to pause already.")
    with or_refused(run), transaction.atomic():
        _request(run, PAUSABLE, pause_requested_by=user, pause_reason=why)
        trail.record(run, "pause_requested", actor=user, why=why)


def _request(run: Run, states: tuple[State, ...], **wishes: object) -> None:
    """Write the wish down; a run that waits is taken up at once, to grant it."""
    found = Run.objects.filter(pk=run.pk, state__in=states)
    if not found.update(**wishes, wait_until=None):
        raise IllegalMove(f"Run {run.pk} has no row left to write.")
    nudge(run)
