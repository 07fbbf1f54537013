"""What waits for a second person: for whom, and since when."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations.decisions.approvals import MAY_APPROVE, may_decide
from opsconsole.operations.expiry import IN_TIME
from opsconsole.operations.models import Approval, Run, RunQuerySet
from opsconsole.operations.states import State
from opsconsole.web import formats
from opsconsole.web.notices import Banner

FEW = 3  # banners; the approvals page lists them all
NAMED = ("title", "review_until", "requested_by__username")
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


def banners(user: User) -> Iterator[Banner]:
    """On every page, until somebody has reviewed them: emergencies that began alone."""
    if not user.has_perm("operations.view_run"):
        return
    for run in unreviewed().only(*NAMED)[:FEW]:
        if until := run.review_until:
            yield _banner(run, until, user)


def _banner(run: Run, until: datetime, user: User) -> Banner:
    overdue = until < timezone.now()
    end = "its review is overdue since" if overdue else "a second person reviews it by"
    return Banner(
        "critical" if overdue else "warning",
        f"Emergency: {run.title}, run {run.pk}",
        f"{run.requested_by.username} began it alone; {end} {formats.local(until)}.",
        run.get_absolute_url(),
        "Review" if may_decide(run, user) else "Open",
    )


def _awaiting() -> RunQuerySet:
    return Run.objects.filter(IN_TIME, state=State.AWAITING).select_related(
        "requested_by"
    )
