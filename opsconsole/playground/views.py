"""The switchboard's page and its buttons: each press is audited, whatever came of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required, user_passes_test
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from opsconsole.accounts.http import PersonRequest
from opsconsole.accounts.models import User
from opsconsole.audit import log
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.playground import forms, presets, standin, words
from opsconsole.playground.standin import StandinError

SWITCHED = "sandbox.switched"  # the audit log's word


def may_press(user: User) -> bool:
    """Whether the person may run operations, whichever."""
    return any(user.has_perm(each.permission()) for each in OPERATIONS.values())


def _may_press_or_403(user: Any) -> bool:
    """For somebody who has signed in: the middleware lets nobody else come here."""
    if not may_press(user):
        raise PermissionDenied("Your role looks on: it may not run operations.")
    return True


looks = permission_required("platform.view_workspace", raise_exception=True)
presses = user_passes_test(_may_press_or_403)


@require_safe
@looks
def page(request: PersonRequest) -> HttpResponse:
    """What is on at the stand-in, and the buttons."""
    return _page(request)


@require_POST
@presses
def press(request: PersonRequest, slug: str) -> HttpResponse:
    """Do what a preset says."""
    preset = presets.PRESETS.get(slug)
    if preset is None:
        raise Http404(f"There is no button called {slug[:60]!r}.")
    return _pressed(request, preset.label, {"preset": slug}, preset.press)


@require_POST
@presses
def repository(request: PersonRequest) -> HttpResponse:
    """Let GitHub fail for repositories."""
    form = forms.RepositoryFault(request.POST)
    if not form.is_valid():
        return _page(request, refusing=form)
    wanted = form.cleaned_data
    label = f"{wanted['repository']}: {words.TROUBLES[wanted['fault']]}"
    return _pressed(request, label, wanted, presets.refuse(**wanted))


@require_POST
@presses
def quota(request: PersonRequest) -> HttpResponse:
    """Set how many calls to GitHub remain."""
    form = forms.Quota(request.POST)
    if not form.is_valid():
        return _page(request, spending=form)
    remaining = form.cleaned_data["remaining"]
    label = f"{remaining:,} calls to GitHub remain"
    deed = partial(standin.leave, remaining)
    return _pressed(request, label, form.cleaned_data, deed)


@require_POST
@presses
def clear(request: PersonRequest) -> HttpResponse:
    """Switch the faults of a pattern off, or all."""
    form = forms.Clear(request.POST)
    if not form.is_valid():
        raise Http404("There is no fault with such a pattern.")
    pattern = form.cleaned_data["of"]
    label = f"{pattern or 'All faults'}: off"
    return _pressed(request, label, {"of": pattern}, partial(standin.clear, pattern))


def _pressed(
    request: PersonRequest,
    label: str,
    details: dict[str, Any],
    deed: Callable[[], None],
) -> HttpResponse:
    """Do it, say what came of it, and keep that in the audit log."""
    try:
        deed()
    except StandinError as error:
        outcome = str(error)
        messages.error(request, f"{label} was not done. {outcome}")
    else:
        outcome = "done"
        messages.success(request, f"{label}. Done.")
    log.record(
        action=SWITCHED,
        subject=label,
        actor=request.user,
        details={**details, "outcome": outcome},
    )
    return redirect("playground:page")


def _page(
    request: PersonRequest, refusing: Form | None = None, spending: Form | None = None
) -> HttpResponse:
    """The page; with a form that was not understood the answer is 422."""
    state, problem = None, ""
    try:
        state = standin.state()
    except StandinError as error:
        problem = str(error)
    listed = (
        [(words.pattern(each), words.in_words(each)) for each in state.faults]
        if state
        else []
    )
    context = {
        "state": state,
        "problem": problem,
        "faults": listed,
        "presets": presets.PRESETS.values(),
        "may": may_press(request.user),
        "refusing": refusing or forms.RepositoryFault(),
        "spending": spending or forms.Quota(),
    }
    wrong = refusing or spending
    return render(
        request, "playground/page.html", context, status=422 if wrong else 200
    )
