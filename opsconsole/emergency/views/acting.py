"""The panel's buttons. None of them changes the platform: each leads to a plan."""

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from opsconsole.accounts.http import PersonRequest
from opsconsole.emergency import stop, watch, ways
from opsconsole.emergency.ways import Way
from opsconsole.operations.models import Run
from opsconsole.operations.permissions import may_run
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.views.catalog import looks
from opsconsole.platform.deadline import left
from opsconsole.platform.needs import guard

AT_REASON = "#id_reason"  # the plan opens with the keyboard in its reason
PAUSE = 5  # seconds between two looks that people ask for
LOOKED = "emergency.looked"  # key of the cache, which all processes share
GITHUB_SECONDS = 0.5  # for each of three requests, and as many again


@require_POST
@looks
def begin(request: PersonRequest, slug: str) -> HttpResponseBase:
    """Plan an action with the values of an emergency and show the plan."""
    if slug not in ways.WAYS:
        raise Http404(f"The panel has no action called {slug[:60]!r}.")
    way = ways.WAYS[slug]
    if not request.user.has_perm(way.operation.permission()):
        raise PermissionDenied(f"Your role may not run “{way.operation.title}”.")
    return guard(request, way.label, (), lambda: _plan(request, way))


def _plan(request: PersonRequest, way: Way) -> HttpResponse:
    if sentences := ways.obstacles(way, request.user):
        messages.error(request, " ".join(sentences))
        return redirect("emergency:panel")
    by = planner.Request(request.user, "browser")
    try:
        run = planner.ask(way.operation, way.params, by)
    except planner.CannotPlan as error:
        messages.error(request, str(error))
        return redirect("emergency:panel")
    return redirect(run.get_absolute_url() + AT_REASON)


@require_POST
@looks
def resume(request: PersonRequest, run_id: int) -> HttpResponseBase:
    """Plan the undo of a stop and show that plan."""
    run = get_object_or_404(Run, pk=run_id, operation=stop.STOP)
    if not may_run(request.user, run):
        raise PermissionDenied("Your role may not resume the syncs.")
    return guard(request, "Resume", (), lambda: _plan_the_undo(request, run))


def _plan_the_undo(request: PersonRequest, run: Run) -> HttpResponse:
    try:
        back = undo.plan(run, planner.Request(request.user, "browser"))
    except planner.CannotPlan as error:
        messages.error(request, str(error))
        return redirect("emergency:panel")
    return redirect(back.get_absolute_url() + AT_REASON)


@require_POST
@looks
def check_now(request: PersonRequest) -> HttpResponse:
    """Look at the stop without waiting for a worker; all together at most one in PAUSE."""
    held = stop.current()
    if held is None:
        messages.info(request, "Nothing is stopped: there is nothing to look at.")
    elif cache.add(LOOKED, True, PAUSE):
        watch.look(held, left(), GITHUB_SECONDS).save()
    else:
        messages.info(request, f"Somebody looked less than {PAUSE} s ago: see below.")
    return redirect("emergency:panel")
