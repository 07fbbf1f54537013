"""From an operation's form to its plan."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from opsconsole.accounts.http import PersonRequest
from opsconsole.operations.asking import availability
from opsconsole.operations.asking.page import Asking
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner
from opsconsole.operations.views.catalog import looks
from opsconsole.platform.needs import guard

LONGEST_QUERY = 2_000  # characters of an address


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
            return redirect(planner.ask(operation, asking.form.cleaned_data, by))
        except planner.CannotPlan as error:
            asking.form.add_error(None, str(error))
    refused = asking.complete or asking.choice_is_wrong
    status = 400 if request.method == "POST" and refused else 200
    context = {"operation": operation, "asking": asking, "available": available}
    return render(request, "operations/plan.html", context, status=status)


def _operation(slug: str) -> type[Operation]:
    try:
        return OPERATIONS[slug]
    except KeyError:
        raise Http404(f"There is no operation called {slug[:60]!r}.") from None


def plan_again(run: Run) -> str:
    """The plan form, filled in for what the run left undone, or else as it was.

    Empty when that is too long for an address.
    """
    slug, params = run.definition().rest(run) or (run.operation, run.params)
    given = {
        name: value
        for name, value in params.items()
        if value not in (None, "", []) and value is not False
    }
    query = urlencode(given, doseq=True)
    address = reverse("operations:plan", args=[slug])
    return f"{address}?{query}" if len(query) < LONGEST_QUERY else ""
