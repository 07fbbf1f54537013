"""A run in whatever state it is, its undo, and the list of runs."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.audit import exports
from opsconsole.operations.models import Run
from opsconsole.operations.permissions import may_run
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.showing.filters import RunFilter
from opsconsole.operations.showing.tables import RunTable
from opsconsole.operations.views import page
from opsconsole.operations.views.catalog import looks
from opsconsole.platform.needs import guard
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure, wants_csv


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
    return page.whole(request, page.load(run_id))


@looks
def take_back(request: PersonRequest, run_id: int) -> HttpResponseBase:
    """Plan the undo of a run and show that plan. After a new sign-in: back to the run."""
    if request.method != "POST":
        return redirect("operations:run", run_id)
    found = page.load(run_id)
    if not may_run(request.user, found):
        raise PermissionDenied(f"Your role may not undo “{found.title}”.")
    return guard(request, f"Undo of run {run_id}", (), lambda: _plan(request, found))


def _plan(request: PersonRequest, found: Run) -> HttpResponse:
    try:
        return redirect(undo.plan(found, planner.Request(request.user, "browser")))
    except planner.CannotPlan as error:
        messages.error(request, str(error))
        return redirect(found)
