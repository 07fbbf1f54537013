"""The part of a run's page that renews itself, and the work that it does in need.

The page asks with the phase that it shows. Figures come anew with every answer; head and
buttons only in another phase, so that no click and no screen reader is disturbed.
"""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from django_htmx.http import reselect, reswap, retarget

from opsconsole.accounts.http import PersonRequest
from opsconsole.operations import tasks
from opsconsole.operations.models import Run
from opsconsole.operations.permissions import may_run
from opsconsole.operations.showing import phase
from opsconsole.operations.views import page
from opsconsole.operations.views.catalog import looks

SHIFT = 1.0  # seconds that a page works for a run which no worker takes


@require_GET
@looks
def renew(request: PersonRequest, run_id: int) -> HttpResponse:
    """What changed since the page asked last; the whole page in another layout."""
    return _renewed(request, page.load(run_id))


@looks
def advance(request: PersonRequest, run_id: int) -> HttpResponse:
    """Do a deserted emergency's work from its own page. After a new sign-in: the run."""
    if request.method != "POST":
        return redirect("operations:run", run_id)
    run = page.load(run_id)
    if not may_run(request.user, run):
        raise PermissionDenied(f"Your role may not run “{run.title}”.")
    if phase.is_deserted(run):
        tasks.work(run.pk, seconds=SHIFT)
    if not request.htmx:
        return redirect(run)
    return _renewed(request, page.load(run_id))


def _renewed(request: PersonRequest, run: Run) -> HttpResponse:
    seen, now = request.GET.get("seen", "live"), phase.of(run)
    if now.layout == "live" and seen.startswith("live"):
        context = page.live_context(request, run)
        return render(request, "operations/run/live.html", context)
    if seen == str(now):
        return HttpResponse(status=204)
    response = page.whole(request, run)
    return reselect(reswap(retarget(response, "#run"), "outerHTML"), "#run")
