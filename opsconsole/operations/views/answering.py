"""What every decision about a run has in common: a form comes in, a sentence goes out."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from opsconsole.accounts.http import PersonRequest
from opsconsole.accounts.proof import ReauthenticationRequired
from opsconsole.operations.decisions import MustProve, Refused
from opsconsole.operations.decisions.forms import ConfirmForm
from opsconsole.operations.models import Run
from opsconsole.operations.views.page import run_context

# Decides about a run with what the form holds; answers with what to tell the person.
Decide = Callable[[Run, dict[str, Any]], str]


def answer(
    request: PersonRequest, run_id: int, kind: type[forms.Form], decide: Decide
) -> HttpResponse:
    """Decide and show the run. A GET, as after a new sign-in, leads to the run alone.

    What is wrong with a field stands beside it, with all that was filled in.
    """
    if request.method != "POST":
        return redirect("operations:run", run_id)
    found = get_object_or_404(Run.objects.select_related("requested_by"), pk=run_id)
    form = kind(request.POST)
    if form.is_valid():
        _decide(request, found, form, decide)
    if form.is_valid():
        return redirect(found)
    unanswered = ConfirmForm(initial={"plan_hash": found.plan_hash})
    context = run_context(request, found, unanswered) | {"answered": form}
    return render(request, "operations/run.html", context, status=400)


def _decide(request: PersonRequest, run: Run, form: forms.Form, decide: Decide) -> None:
    """Adds to the form's errors what is refused because of one of its fields."""
    try:
        done = decide(run, form.cleaned_data)
    except MustProve:
        raise ReauthenticationRequired from None
    except Refused as refusal:
        if refusal.field in form.fields:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.error(request, str(refusal))
    else:
        if done:
            messages.info(request, done)
