"""What people decide about a run."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from opsconsole.accounts.http import PersonRequest
from opsconsole.operations import decisions
from opsconsole.operations.forms import ConfirmForm
from opsconsole.operations.models import Run
from opsconsole.operations.views.catalog import looks
from opsconsole.operations.views.runs import run_context


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
    context = run_context(request, found, form)
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
