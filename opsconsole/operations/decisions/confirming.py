"""Confirm a plan: what that takes depends on its risk."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from opsconsole.accounts.models import User
from opsconsole.operations import expiry, signals, trail
from opsconsole.operations.decisions import line
from opsconsole.operations.decisions.refusing import (
    MustProve,
    Refused,
    already,
    blocking,
    check_own,
    check_permission,
    check_plan,
    check_typed,
    checked_reason,
    or_refused,
)
from opsconsole.operations.models import Run
from opsconsole.operations.risks import OWN, TYPED, Risk
from opsconsole.operations.states import State
from opsconsole.operations.tasks import nudge

TERMINAL = "terminal"  # where the operating system knows who it is


def confirm(
    run: Run,
    user: User,
    *,
    reason: str,
    plan_hash: str,
    typed: int | None = None,
    fresh: bool = False,
    origin: str = "",
) -> None:
    """Queue the very plan that the person saw, or ask a second person to approve it.

    `typed` is the number of rows as the person typed it. `fresh`: the person proved a
    moment ago who it is; an emergency in the browser needs that. `origin`: where the
    decision is made, by default where the plan was. Raises Refused.
    """
    reason, origin = checked_reason(reason), origin or run.origin
    check_permission(run, user, "run")
    check_plan(run, plan_hash)
    if run.state != State.PLANNED:
        raise Refused(already(run, run.state))
    if obstacle := blocking(run):
        raise Refused(f"The plan cannot be confirmed: {obstacle}")
    if run.risk in TYPED:
        check_typed(typed, run.rows_meant, "the plan changes")
    if run.risk in OWN:
        check_own(run, user, "confirm it")
    if run.risk == Risk.EMERGENCY and origin != TERMINAL and not fresh:
        raise MustProve
    if run.risk == Risk.DANGEROUS:
        _ask(run, user, reason, origin)
    else:
        _queue(run, user, reason, origin)


def _ask(run: Run, user: User, reason: str, origin: str) -> None:
    with or_refused(run), transaction.atomic():
        run.move(
            State.AWAITING,
            expiry.IN_TIME,
            reason=reason,
            asked_at=Now(),
            expires_at=Now() + expiry.ASKED,
        )
        signals.send(signals.approval_asked, run)
        trail.record(run, "approval_asked", actor=user, **_plan_and_place(run, origin))


def _queue(run: Run, user: User, reason: str, origin: str) -> None:
    changes: dict[str, Any] = {"reason": reason}
    if run.risk == Risk.EMERGENCY:
        changes["review_until"] = Now() + expiry.REVIEWED
    with or_refused(run), transaction.atomic():
        paused = queue(run, **changes)
        if run.risk == Risk.EMERGENCY:
            signals.send(signals.emergency_started, run)
        trail.record(run, "confirmed", actor=user, **_plan_and_place(run, origin))
        for other in paused:
            trail.record(other, "pause_requested", actor=user, for_run=run.pk)


def queue(run: Run, **changes: Any) -> list[Run]:
    """Put a confirmed or approved run into its line, inside the caller's transaction.

    Answers with the runs that an emergency asked to pause. Raises IllegalMove.
    """
    paused = line.enter(run)
    run.move(
        State.QUEUED,
        expiry.IN_TIME,
        queued_at=Now(),
        expires_at=Now() + expiry.CONFIRMED,
        **changes,
    )
    for one in (run, *paused):
        nudge(one)
    return paused


def _plan_and_place(run: Run, origin: str) -> dict[str, str]:
    """For the audit; a decision in the browser has no user of an operating system."""
    os_user = run.os_user if origin == TERMINAL else ""
    return {**trail.origin(run), "origin": origin, "os_user": os_user}
