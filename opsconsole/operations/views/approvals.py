"""The inbox of second people, and what they say."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.accounts.models import User
from opsconsole.accounts.proof import is_fresh
from opsconsole.operations.decisions import approvals
from opsconsole.operations.decisions.forms import ApproveForm, RejectForm, ReviewForm
from opsconsole.operations.models import Run
from opsconsole.operations.showing import inbox
from opsconsole.operations.showing.inbox_tables import (
    DecidedTable,
    DecideTable,
    MyReviewTable,
    OpenTable,
    ReviewTable,
)
from opsconsole.operations.views.answering import answer
from opsconsole.operations.views.catalog import looks

RECENT = 20  # decisions on the page; the audit log has them all


@require_safe
@looks
def overview(request: PersonRequest) -> HttpResponse:
    """What waits for whose decision, and what was decided lately."""
    user = request.user
    context = {
        "may_approve": user.has_perm(approvals.MAY_APPROVE),
        "for_me": DecideTable(inbox.for_me(user)[: inbox.SHOWN]),
        "of_mine": OpenTable(inbox.of_mine(user)[: inbox.SHOWN], prefix="mine-"),
        "reviews": _reviews(user),
        "decided": DecidedTable(inbox.decided()[:RECENT], prefix="decided-"),
    }
    return render(request, "operations/approvals.html", context)


def _reviews(user: User) -> ReviewTable:
    may = user.has_perm(approvals.MAY_APPROVE)
    table = MyReviewTable if may else ReviewTable
    return table(inbox.unreviewed()[: inbox.SHOWN], prefix="review-")


@looks
def approve(request: PersonRequest, run_id: int) -> HttpResponse:
    """Sign the plan that was looked at."""

    def decide(run: Run, given: dict[str, Any]) -> str:
        approvals.approve(run, request.user, **given, fresh=is_fresh(request))
        return "Approved. The run is queued."

    return answer(request, run_id, ApproveForm, decide)


@looks
def reject(request: PersonRequest, run_id: int) -> HttpResponse:
    """Say no, and why."""

    def decide(run: Run, given: dict[str, Any]) -> str:
        approvals.reject(run, request.user, **given)
        return "Rejected. Its requester reads why on the run's page."

    return answer(request, run_id, RejectForm, decide)


@looks
def review(request: PersonRequest, run_id: int) -> HttpResponse:
    """Say what is to be said of an emergency."""

    def decide(run: Run, given: dict[str, Any]) -> str:
        approvals.review(run, request.user, **given)
        return "Reviewed."

    return answer(request, run_id, ReviewForm, decide)
