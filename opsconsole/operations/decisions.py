"""What people decide about a run: confirm, discard, cancel."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations import planner, trail
from opsconsole.operations.catalog import Operation
from opsconsole.operations.models import IllegalMove, Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import nudge
from opsconsole.operations.verdicts import Level

CONFIRMED = timedelta(minutes=30)  # a confirmed plan must start within this
SHORTEST_REASON, LONGEST_REASON = 5, 2000  # characters


class Refused(Exception):
    """The decision cannot be carried out; the message says why, fit for the person."""


def confirm(run: Run, user: User, *, reason: str, plan_hash: str) -> None:
    """Queue the very plan that the person saw. Raises Refused."""
    reason = checked_reason(reason)
    definition = _definition(run)
    if not user.has_perm(definition.permission()):
        raise Refused(f"Your role may not run “{run.title}”.")
    if definition.version != run.version:
        raise Refused("The operation was changed since the plan. Plan again.")
    if run.plan_hash != plan_hash or planner.plan_hash(run) != plan_hash:
        raise Refused(
            "This is not the plan you looked at. Open the run and read it again."
        )
    if run.state != State.PLANNED:
        raise Refused(f"Run {run.pk} is already {run.state}; nothing was done twice.")
    if run.expires_at < timezone.now():
        raise Refused("The plan is too old to be confirmed. Plan again.")
    if obstacle := blocking(run):
        raise Refused(f"The plan cannot be confirmed: {obstacle}")
    now = timezone.now()
    with _or_refused(), transaction.atomic():
        run.move(State.QUEUED, reason=reason, queued_at=now, expires_at=now + CONFIRMED)
        nudge(run)
        trail.record(run, "confirmed", actor=user, **trail.origin(run))


def cancel(run: Run, user: User) -> None:
    """Discard a plan, or ask the worker to stop after its current chunk. Raises Refused."""
    if not user.has_perm(_definition(run).permission()):
        raise Refused(f"Your role may not cancel “{run.title}”.")
    if run.is_finished:
        raise Refused(f"Run {run.pk} is already {run.state}.")
    with _or_refused(), transaction.atomic():
        if run.state in (State.PLANNED, State.QUEUED) and run.lease_token is None:
            run.move(State.CANCELLED, cancel_requested_by=user)
            trail.record(run, "cancelled", actor=user, **trail.origin(run))
        else:
            _ask_to_cancel(run, user)
            trail.record(run, "cancel_requested", actor=user, **trail.origin(run))


def _ask_to_cancel(run: Run, user: User) -> None:
    at_work = Run.objects.filter(pk=run.pk, state__in=(State.QUEUED, State.APPLYING))
    if not at_work.update(cancel_requested_by=user):
        raise IllegalMove(f"Run {run.pk} has no row left to write.")


@contextmanager
def _or_refused() -> Iterator[None]:
    """Somebody else, or a worker, was faster: say so."""
    try:
        yield
    except IllegalMove as error:
        raise Refused(f"{error} Open the run and look again.") from None


def _definition(run: Run) -> type[Operation]:
    try:
        return run.definition
    except KeyError:
        raise Refused(
            f"The console no longer has the operation “{run.title}”."
        ) from None


def checked_reason(reason: str) -> str:
    """The reason without needless blanks. Raises Refused for a wrong length."""
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Refused(
            f"Reason: {len(reason):,} characters given,"
            f" {SHORTEST_REASON} to {LONGEST_REASON:,} are accepted."
        )
    return reason


def blocking(run: Run) -> str:
    """The sentences that forbid to confirm the plan; empty when nothing does."""
    verdicts = run.summary.get("verdicts", [])
    return " ".join(v["sentence"] for v in verdicts if v["level"] == Level.BLOCKING)
