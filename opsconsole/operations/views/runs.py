"""A run in whatever state it is, and the list of runs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.audit import exports
from opsconsole.audit.models import Entry
from opsconsole.operations import answers, decisions, planner, progress, undo
from opsconsole.operations.filters import RunFilter
from opsconsole.operations.forms import ConfirmForm
from opsconsole.operations.models import Run
from opsconsole.operations.outcomes import Outcome, RowList
from opsconsole.operations.states import State
from opsconsole.operations.steps import KINDS
from opsconsole.operations.tables import RunTable
from opsconsole.operations.views.catalog import looks
from opsconsole.operations.views.live import live_context, load, may_run
from opsconsole.operations.views.planning import plan_again
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure, wants_csv

SKIPPED = 20  # rows named on the page; all of them have a page of their own


@require_safe
@looks
def run_list(request: OperatorRequest) -> HttpResponseBase:
    """All runs, filtered, sorted and paged as the address says."""
    runs = Run.objects.select_related("requested_by").defer("summary", "facts")
    found = RunFilter(request.GET, runs, request=request)
    table = configure(RunTable(found.qs), request)
    if wants_csv(table):
        return exports.csv(request, table, table.data.data)
    context = {"table": table, "filter": found}
    return render(request, "operations/run_list.html", context)


@require_safe
@looks
def run(request: PersonRequest, run_id: int) -> HttpResponse:
    """A run in whatever state it is: the plan, the work, the result."""
    return page(request, load(run_id))


def page(request: PersonRequest, found: Run) -> HttpResponse:
    form = ConfirmForm(initial={"plan_hash": found.plan_hash})
    return render(request, "operations/run.html", run_context(request, found, form))


@looks
def take_back(request: PersonRequest, run_id: int) -> HttpResponse:
    """Plan the undo of a run and show that plan. After a new sign-in: back to the run."""
    if request.method != "POST":
        return redirect("operations:run", run_id)
    found = load(run_id)
    if not may_run(request, found):
        raise PermissionDenied(f"Your role may not undo “{found.title}”.")
    try:
        return redirect(undo.plan(found, planner.Request(request.user, "browser")))
    except planner.CannotPlan as error:
        messages.error(request, str(error))
        return redirect(found)


def run_context(
    request: PersonRequest, found: Run, form: ConfirmForm
) -> dict[str, Any]:
    """Everything that the page of a run shows."""
    context = live_context(request, found)
    again = context["may"] and found.state != State.APPLIED and not found.undo_of_id
    return {
        **context,
        "form": form,
        "operation": found.definition if context["may"] else None,
        "planned_steps": found.summary.get("steps", []),
        "verdicts": found.summary.get("verdicts", []),
        "statements": _statements(found),
        "blocked": decisions.blocking(found),
        "again": plan_again(found) if again else "",
        "approvals": found.approvals.select_related("approver").order_by("decided_at"),
        "entries": Entry.objects.of_run(found.pk).newest_first()[:20],
        **(_result(found) if found.is_finished else {}),
    }


def _result(found: Run) -> dict[str, Any]:
    """What became of a run that is over."""
    answered, in_all = answers.of(found)
    skipped = RowList(found, Outcome.SKIPPED)[:SKIPPED] if found.rows_skipped else []
    return {
        "skipped": skipped,
        "answers": answered,
        "answers_in_all": in_all,
        "pruned": progress.is_pruned(found),
        "obstacle": undo.obstacle(found),
        "undos": found.undos.order_by("pk"),
        "undo_notes": _undo_notes(found),
        "effects": found.effects.order_by("due_at"),
    }


def _undo_notes(found: Run) -> list[tuple[str, str]]:
    """What an undo does not bring back, or not for long: (step, sentence)."""
    notes = []
    for step in found.summary.get("steps", []):
        if step.get("undo") == "never":
            notes.append((step["title"], "Cannot be undone."))
        elif note := step.get("undo_note"):
            notes.append((step["title"], note))
    return notes


def _statements(found: Run) -> list[dict[str, Any]]:
    """What each step sends to the platform, and how that finds its rows."""
    return [
        {
            "title": step.title,
            "texts": KINDS[step.kind].shown(step),
            "explain": step.spec.get("explain", ""),
        }
        for step in found.steps.order_by("number")
    ]
