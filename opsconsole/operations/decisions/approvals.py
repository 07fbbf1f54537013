"""What a second person says of a run: approve, reject, or review an emergency afterwards.

Only in the browser, where the person proves who it is. The database holds the same rules
(migration 0006): whatever goes around this file is refused there.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from opsconsole.accounts.models import User
from opsconsole.operations import signals, trail
from opsconsole.operations.decisions import line
from opsconsole.operations.decisions.confirming import queue
from opsconsole.operations.decisions.refusing import (
    MustProve,
    Refused,
    already,
    check_plan,
    checked_reason,
    or_refused,
)
from opsconsole.operations.models import Approval, Chunk, Run
from opsconsole.operations.states import State
from opsconsole.operations.steps.chunking import is_as_planned

MAY_APPROVE = "operations.approve_run"
Decision = Approval.Decision


def approve(
    run: Run, user: User, *, plan_hash: str, reason: str = "", fresh: bool
) -> None:
    """Sign the very plan that the person saw; the run is queued. Raises Refused.

    `fresh`: the person proved a moment ago who it is.
    """
    _check_awaits(run, user)
    check_plan(run, plan_hash)
    _check_rows(run)
    if not fresh:
        raise MustProve
    reason = checked_reason(reason) if reason.strip() else ""
    with or_refused(run), transaction.atomic():
        line.lock()  # before any row is locked, as everywhere
        approval = _sign(run, user, Decision.APPROVED, reason)
        queue(run)
        signals.send(signals.decided, run, approval=approval)
        trail.record(run, "approved", actor=user, plan=plan_hash, remark=reason)


def reject(run: Run, user: User, *, reason: str) -> None:
    """Say no, and why. The rest of a run that had begun is cancelled. Raises Refused."""
    _check_awaits(run, user)
    reason = checked_reason(reason)
    # What a started run wrote can be undone, as after any other cancel.
    to = State.CANCELLED if run.started_at else State.REJECTED
    with or_refused(run), transaction.atomic():
        approval = _sign(run, user, Decision.REJECTED, reason)
        run.move(to)
        signals.send(signals.decided, run, approval=approval)
        trail.record(run, "rejected", actor=user, plan=run.plan_hash, remark=reason)


def review(run: Run, user: User, *, reason: str) -> None:
    """Say what a second person thinks of an emergency, also late. Raises Refused."""
    _check_second_person(run, user, "review")
    reason = checked_reason(reason)
    if run.review_until is None:
        raise Refused(f"Run {run.pk} is no emergency that began; nothing to review.")
    with or_refused(run), transaction.atomic():
        approval = _sign(run, user, Decision.REVIEWED, reason)
        signals.send(signals.decided, run, approval=approval)
        trail.record(run, "reviewed", actor=user, plan=run.plan_hash, remark=reason)


def approvers(run: Run) -> QuerySet[User]:
    """Everybody who may decide about this run: not the requester, whatever the role."""
    people: QuerySet[User] = User.objects.with_perm(MAY_APPROVE)
    return people.exclude(pk=run.requested_by_id).order_by("username")


def may_decide(run: Run, user: User) -> bool:
    """Whether this person is a second person for the run."""
    return user.pk != run.requested_by_id and user.has_perm(MAY_APPROVE)


def _check_awaits(run: Run, user: User) -> None:
    _check_second_person(run, user, "approve or reject")
    if run.state != State.AWAITING:
        raise Refused(already(run, run.state))


def _check_second_person(run: Run, user: User, deed: str) -> None:
    if user.pk == run.requested_by_id:
        raise Refused(f"You planned run {run.pk}: another person must {deed} it.")
    if not user.has_perm(MAY_APPROVE):
        raise Refused(
            f"Your role may not {deed} runs. Ask somebody who is an approver."
        )


def _check_rows(run: Run) -> None:
    """The plan's hash covers the chunks' digests; here also what the digests cover."""
    chunks = Chunk.objects.filter(step__run=run).as_text().order_by("step", "number")
    for chunk in chunks.iterator(20):
        if not is_as_planned(chunk):
            raise Refused(
                f"Chunk {chunk.number} of “{chunk.step.title}” is not what was planned:"
                " somebody changed the stored plan. Reject it and tell an admin."
            )


def _sign(run: Run, user: User, decision: str, reason: str) -> Approval:
    """Store the decision; a trigger refuses it when it is too late or not asked for."""
    approval = Approval.objects.create(
        run=run,
        requester_id=run.requested_by_id,
        approver=user,
        decision=decision,
        plan_hash=run.plan_hash,
        reason=reason,
        decided_at=Now(),
    )
    approval.refresh_from_db(fields=["decided_at"])
    return approval
