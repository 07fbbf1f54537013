"""From the catalogue to a plan, its confirmation, the run at work and its result."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe
from django_htmx.http import reselect, reswap, retarget

from opsconsole.accounts.http import PersonRequest
from opsconsole.audit.models import Entry
from opsconsole.operations import availability, decisions, planner, statements
from opsconsole.operations.asking import Asking
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.catalog.base import PURPOSES
from opsconsole.operations.filters import RunFilter
from opsconsole.operations.forms import ConfirmForm
from opsconsole.operations.models import Run
from opsconsole.operations.outcomes import Outcome, Row, RowList
from opsconsole.operations.states import State, stages
from opsconsole.operations.tables import RunTable
from opsconsole.platform.needs import guard
from opsconsole.web.paging import configure

ROWS_PER_PAGE = 50
LONGEST_QUERY = 2_000  # characters of an address
looks = permission_required("operations.view_run", raise_exception=True)


@require_safe
@looks
def catalog(request: HttpRequest) -> HttpResponse:
    """Every operation, by purpose, and why one cannot be used now."""
    groups = [
        (
            purpose,
            [
                availability.of(item)
                for item in OPERATIONS.values()
                if item.purpose == purpose
            ],
        )
        for purpose in PURPOSES
    ]
    return render(
        request,
        "operations/catalog.html",
        {"groups": [(name, members) for name, members in groups if members]},
    )


@looks
def plan(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Ask for the parameters, then work out what would change."""
    operation = _operation(slug)
    if not request.user.has_perm(operation.permission()):
        raise PermissionDenied(f"Your role may not run “{operation.title}”.")
    return guard(request, operation.title, (), lambda: _plan(request, operation))


def _plan(request: PersonRequest, operation: type[Operation]) -> HttpResponse:
    available = availability.of(operation)
    sent = request.POST if request.method == "POST" else request.GET
    asking = Asking(operation, sent, posted=request.method == "POST")
    if asking.complete and not available.obstacles and asking.form.is_valid():
        by = planner.Request(request.user, "browser")
        try:
            return redirect(planner.plan(operation, asking.form.cleaned_data, by))
        except planner.CannotPlan as error:
            asking.form.add_error(None, str(error))
    refused = asking.complete or asking.choice_is_wrong
    status = 400 if request.method == "POST" and refused else 200
    context = {"operation": operation, "asking": asking, "available": available}
    return render(request, "operations/plan.html", context, status=status)


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
    return render(request, "operations/run.html", _run_context(request, found, form))


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


@looks
def confirm(request: PersonRequest, run_id: int) -> HttpResponse:
    """Queue the plan that was looked at. After a new sign-in: back to the plan."""
    if request.method != "POST":
        return redirect("operations:run", run_id)
    found = get_object_or_404(Run.objects.select_related("requested_by"), pk=run_id)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        try:
            decisions.confirm(found, request.user, **form.cleaned_data)
        except decisions.Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(found)
    context = _run_context(request, found, form)
    return render(request, "operations/run.html", context, status=400)


@looks
def cancel(request: PersonRequest, run_id: int) -> HttpResponse:
    """Discard a plan, or ask the worker to stop. After a new sign-in: back to the run."""
    if request.method != "POST":
        return redirect("operations:run", run_id)
    found = get_object_or_404(Run, pk=run_id)
    try:
        decisions.cancel(found, request.user)
    except decisions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, _cancelled(found))
    return redirect(found)


def _cancelled(run: Run) -> str:
    run.refresh_from_db()
    if run.is_finished:
        return "Cancelled. Nothing was changed."
    return "The run stops after its current chunk."


def _operation(slug: str) -> type[Operation]:
    try:
        return OPERATIONS[slug]
    except KeyError:
        raise Http404(f"There is no operation called {slug[:60]!r}.") from None


def _plan_again(run: Run) -> str:
    """The plan form, filled in as it was; empty when that is too long for an address."""
    given = {
        name: value
        for name, value in run.params.items()
        if value not in (None, "", []) and value is not False
    }
    query = urlencode(given, doseq=True)
    address = reverse("operations:plan", args=[run.operation])
    return f"{address}?{query}" if len(query) < LONGEST_QUERY else ""


def _run_context(
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
            (step, statements.shown(step)) for step in found.steps.order_by("number")
        ],
        "blocked": decisions.blocking(found),
        "skipped": skipped,
        "again": _plan_again(found) if may and found.state != State.APPLIED else "",
        "entries": Entry.objects.of_run(found.pk).newest_first()[:20],
    }
