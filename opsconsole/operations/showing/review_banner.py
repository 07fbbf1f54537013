"""On every page, until somebody has reviewed them: emergencies that began alone."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations.decisions.approvals import MAY_APPROVE
from opsconsole.operations.models import Run
from opsconsole.operations.showing import inbox
from opsconsole.web import formats
from opsconsole.web.notices import Banner

FEW = 5  # runs that a banner names; the approvals page lists them all
NAMED = ("title", "review_until", "requested_by__username")


def banners(user: User) -> Iterator[Banner]:
    """One for all of them: several would push the page off the screen."""
    if not user.has_perm("operations.view_run"):
        return
    runs = list(inbox.unreviewed().only(*NAMED)[: inbox.SHOWN])
    if len(runs) == 1:
        yield _of_one(runs[0], user)
    elif runs:
        yield _of_several(runs, user)


def _of_one(run: Run, user: User) -> Banner:
    late = _is_overdue(run)
    end = "its review is overdue since" if late else "a second person reviews it by"
    return Banner(
        "critical" if late else "warning",
        f"Emergency: {run.title}, run {run.pk}",
        f"{run.requested_by.username} began it alone; {end} {_due(run)}.",
        f"{run.get_absolute_url()}#review",
        _link([run], user),
    )


def _of_several(runs: list[Run], user: User) -> Banner:
    first = runs[0]
    late = _is_overdue(first)
    end = "is overdue since" if late else "is due by"
    numbers = ", ".join(str(run.pk) for run in runs[:FEW])
    more = f" and {len(runs) - FEW} more" if len(runs) > FEW else ""
    return Banner(
        "critical" if late else "warning",
        f"{len(runs)} emergencies to review",
        f"Runs {numbers}{more} were begun by one person alone; the first review {end}"
        f" {_due(first)}.",
        f"{reverse('operations:approvals')}#reviews",
        _link(runs, user),
    )


def _link(runs: list[Run], user: User) -> str:
    """Nobody reviews what they began themselves."""
    of_others = any(run.requested_by_id != user.pk for run in runs)
    return "Review" if of_others and user.has_perm(MAY_APPROVE) else "Open"


def _is_overdue(run: Run) -> bool:
    return run.review_until is not None and run.review_until < timezone.now()


def _due(run: Run) -> str:
    return formats.local(run.review_until) if run.review_until else "an unknown time"
