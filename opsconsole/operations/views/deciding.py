"""What people decide about a run: a view for each button."""

from typing import Any

from django.http import HttpResponse

from opsconsole.accounts.http import PersonRequest
from opsconsole.accounts.proof import is_fresh
from opsconsole.operations import decisions
from opsconsole.operations.decisions.forms import (
    ConfirmForm,
    GoOnForm,
    NoForm,
    PauseForm,
)
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.views.answering import answer
from opsconsole.operations.views.catalog import looks


@looks
def confirm(request: PersonRequest, run_id: int) -> HttpResponse:
    """Queue the plan that was looked at, or ask a second person."""

    def decide(run: Run, given: dict[str, Any]) -> str:
        fresh = is_fresh(request)
        decisions.confirm(run, request.user, **given, fresh=fresh, origin="browser")
        if run.state == State.AWAITING:
            return "Asked for approval. It starts once a second person has approved it."
        return ""

    return answer(request, run_id, ConfirmForm, decide)


@looks
def cancel(request: PersonRequest, run_id: int) -> HttpResponse:
    """Discard a plan, or ask the worker to stop."""

    def decide(run: Run, given: dict[str, Any]) -> str:
        decisions.cancel(run, request.user)
        if run.state == State.PLANNING:
            return "The plan is given up in a moment."
        if not run.is_finished:
            return "The run stops after its current chunk."
        if run.rows_done:
            return "Cancelled. What was written stays written; it can be undone."
        return "Cancelled. Nothing was changed."

    return answer(request, run_id, NoForm, decide)


@looks
def pause(request: PersonRequest, run_id: int) -> HttpResponse:
    """Ask the worker to stop until somebody lets it go on."""

    def decide(run: Run, given: dict[str, Any]) -> str:
        decisions.pause(run, request.user, **given)
        return "The run pauses after its current chunk."

    return answer(request, run_id, PauseForm, decide)


@looks
def go_on(request: PersonRequest, run_id: int) -> HttpResponse:
    """Let a paused run continue."""

    def decide(run: Run, given: dict[str, Any]) -> str:
        decisions.go_on(run, request.user, **given)
        if run.state == State.AWAITING:
            return "Asked for approval again, since the run was paused for so long."
        return ""

    return answer(request, run_id, GoOnForm, decide)
