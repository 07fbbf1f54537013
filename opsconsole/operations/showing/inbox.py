"""What waits for a second person: for whom, and since when."""

from django.db.models import QuerySet

from opsconsole.accounts.models import User
from opsconsole.operations.decisions.approvals import MAY_APPROVE
from opsconsole.operations.expiry import IN_TIME
from opsconsole.operations.models import Approval, Run, RunQuerySet
from opsconsole.operations.states import State

SHOWN = 100  # of each list; nobody has that many open decisions


def for_me(user: User) -> RunQuerySet:
    """Runs that this person may approve or reject, those that expire first on top."""
    if not user.has_perm(MAY_APPROVE):
        return Run.objects.none()
    return _awaiting().exclude(requested_by=user).order_by("expires_at", "pk")


def of_mine(user: User) -> RunQuerySet:
    """This person's runs that wait for somebody else's decision."""
    return _awaiting().filter(requested_by=user).order_by("expires_at", "pk")


def unreviewed() -> RunQuerySet:
    """Emergencies that no second person has reviewed, the oldest first."""
    found = Run.objects.awaiting_review().select_related("requested_by")
    return found.order_by("review_until", "pk")


def decided() -> QuerySet[Approval]:
    """All decisions, the newest first."""
    found = Approval.objects.select_related("run", "requester", "approver")
    return found.order_by("-decided_at", "-pk")


def number_for(user: User) -> int:
    """How many decisions and reviews wait for this person."""
    if not user.has_perm(MAY_APPROVE):
        return 0
    reviews = Run.objects.awaiting_review().exclude(requested_by=user)
    return for_me(user).count() + reviews.count()


def _awaiting() -> RunQuerySet:
    return Run.objects.filter(IN_TIME, state=State.AWAITING).select_related(
        "requested_by"
    )
