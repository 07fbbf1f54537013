"""A run in whatever state it is, its rows, and the list of runs."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_safe
from django_htmx.http import reselect, reswap, retarget

from opsconsole.accounts.http import PersonRequest
from opsconsole.audit.models import Entry
from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.filters import RunFilter
from opsconsole.operations.forms import ConfirmForm
from opsconsole.operations.models import Run
from opsconsole.operations.outcomes import Outcome, Row, RowList
from opsconsole.operations.states import State, stages
from opsconsole.operations.steps import KINDS
from opsconsole.operations.tables import RunTable
from opsconsole.operations.views.catalog import looks
from opsconsole.operations.views.planning import plan_again
from opsconsole.web.paging import configure

ROWS_PER_PAGE = 50


@require_safe
@looks
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, filtered, sorted and paged as the address says."""
    found = RunFilter(
        request.GET, Run.objects.select_related("requested_by"), request=request
    )
    table = configure(RunTable(found.qs), request)
    return render(
        request, "operations/run_list.html", {"table": table, "filter": found}
    )


@require_safe
@looks
def run(request: PersonRequest, run_id: int) -> HttpResponse:
    """A run in whatever state it is: the plan, the work, the result."""
    found = get_object_or_404(Run.objects.select_related("requested_by"), pk=run_id)
    form = ConfirmForm(initial={"plan_hash": found.plan_hash})
    return render(request, "operations/run.html", run_context(request, found, form))


@require_GET
@looks
def progress(request: PersonRequest, run_id: int) -> HttpResponse:
    """The live part of a run's page; once it is finished, the whole page instead."""
    found = get_object_or_404(Run, pk=run_id)
    if found.is_working:
        context = {"run": found, "stages": stages(State(found.state))}
        return render(request, "operations/run/live.html", context)
    response = run(request, run_id)
    return reselect(reswap(retarget(response, "#run"), "outerHTML"), "#run")


@require_safe
@looks
def rows(request: HttpRequest, run_id: int) -> HttpResponse:
    """Every row of the plan and what became of it."""
    found = get_object_or_404(Run, pk=run_id)
    chosen = request.GET.get("outcome", "")
    outcome = Outcome(chosen) if chosen in list(Outcome) else None
    pages: Paginator[Row] = Paginator(RowList(found, outcome), ROWS_PER_PAGE)
    context = {
        "run": found,
        "outcome": outcome,
        "outcomes": list(Outcome),
        "page": pages.get_page(request.GET.get("page")),
    }
    return render(request, "operations/rows.html", context)


def run_context(
    request: PersonRequest, found: Run, form: ConfirmForm
) -> dict[str, Any]:
    known = found.operation in OPERATIONS
    may = known and request.user.has_perm(found.definition.permission())
    skipped = RowList(found, Outcome.SKIPPED)[:20] if found.rows_skipped else []
    return {
        "run": found,
        "form": form,
        "may": may,
        "operation": found.definition if known else None,
        "stages": stages(State(found.state)),
        "statements": [
            (step, KINDS[step.kind].shown(step))
            for step in found.steps.order_by("number")
        ],
        "blocked": decisions.blocking(found),
        "skipped": skipped,
        "again": plan_again(found) if may and found.state != State.APPLIED else "",
        "entries": Entry.objects.of_run(found.pk).newest_first()[:20],
    }
