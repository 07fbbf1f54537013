"""The part of a run's page that renews itself, and the work that it does in need.

The page asks with the phase that it shows. Figures come anew with every answer; head and
buttons only in another phase, so that no click and no screen reader is disturbed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django_htmx.http import reselect, reswap, retarget

from opsconsole.accounts.http import PersonRequest
from opsconsole.operations import decisions, movement, progress, rate, tasks, workers
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.line import PAUSABLE
from opsconsole.operations.models import Run
from opsconsole.operations.states import UNDECIDED, WORKING, State, stages
from opsconsole.operations.views.catalog import looks

LOG_LINES = 30
SHIFT = 1.0  # seconds that a page works for a run which no worker takes
QUARTERS = 4  # of the rows: told to screen readers


@dataclass(frozen=True)
class Phase:
    """What of a run's page changes seldom. Two pages of one phase differ in figures."""

    layout: str  # live, undecided or over
    state: str
    wishes: str  # pause or cancel, asked for and not granted
    deserted: bool
    quarter: int

    def __str__(self) -> str:
        flag = "deserted" if self.deserted else ""
        parts = (self.layout, self.state, self.wishes, flag, str(self.quarter))
        return ".".join(parts).replace(" ", "-")


def phase_of(run: Run) -> Phase:
    return Phase(
        layout=_layout(run),
        state=run.state,
        wishes=_wishes(run),
        deserted=_is_deserted(run),
        quarter=QUARTERS * run.rows_done // run.rows_planned if run.rows_planned else 0,
    )


def may_run(request: PersonRequest, run: Run) -> bool:
    """Whether the person's role may run the operation, if the console still has it."""
    known = run.operation in OPERATIONS
    return known and request.user.has_perm(run.definition.permission())


def load(run_id: int) -> Run:
    """A run with everything that its page names. Raises Http404."""
    runs = Run.objects.select_related(*movement.PEOPLE, "undo_of")
    return get_object_or_404(runs, pk=run_id)


def live_context(request: PersonRequest, run: Run) -> dict[str, Any]:
    """What the live part shows."""
    now, phase = timezone.now(), phase_of(run)
    steps = progress.steps(run)
    return {
        "run": run,
        "now": now,
        "phase": phase,
        "changed": str(phase) != request.GET.get("seen", str(phase)),
        "may": may_run(request, run),
        "stages": stages(State(run.state)),
        "steps": steps,
        "position": progress.position(steps),
        "looked_at": sum(step.looked_at for step in steps),
        "rate": rate.sentence(run) if run.state == State.APPLYING else "",
        "movement": movement.sentences(run, now),
        "nobody": run.is_working and _nobody(run, now),
        "lines": list(run.log.order_by("-pk")[:LOG_LINES]),
        "may_pause": run.state in PAUSABLE and not phase.wishes,
        "may_cancel": phase.layout == "live" and _can_be_cancelled(run),
        "paused_long": run.state == State.PAUSED and decisions.paused_long(run),
    }


@require_GET
@looks
def renew(request: PersonRequest, run_id: int) -> HttpResponse:
    """What changed since the page asked last; the whole page in another layout."""
    return _renewed(request, load(run_id))


@looks
def advance(request: PersonRequest, run_id: int) -> HttpResponse:
    """Do a deserted emergency's work from its own page. After a new sign-in: the run."""
    if request.method != "POST":
        return redirect("operations:run", run_id)
    run = load(run_id)
    if not may_run(request, run):
        raise PermissionDenied(f"Your role may not run “{run.title}”.")
    if _is_deserted(run):
        tasks.work(run.pk, seconds=SHIFT)
    if not request.htmx:
        return redirect(run)
    return _renewed(request, load(run_id))


def _renewed(request: PersonRequest, run: Run) -> HttpResponse:
    seen, phase = request.GET.get("seen", "live"), phase_of(run)
    if phase.layout == "live" and seen.startswith("live"):
        context = live_context(request, run)
        return render(request, "operations/run/live.html", context)
    if seen == str(phase):
        return HttpResponse(status=204)
    return _whole_page(request, run)


def _whole_page(request: PersonRequest, run: Run) -> HttpResponse:
    from opsconsole.operations.views.runs import page

    response = page(request, run)
    return reselect(reswap(retarget(response, "#run"), "outerHTML"), "#run")


def _layout(run: Run) -> str:
    if run.state in (*WORKING, State.PAUSED):
        return "live"
    return "undecided" if run.state in UNDECIDED else "over"


def _wishes(run: Run) -> str:
    if run.cancel_requested_by_id:
        return "cancel"
    asked = run.pause_requested_by_id and run.state != State.PAUSED
    return "pause" if asked else ""


def _is_deserted(run: Run) -> bool:
    """An emergency must not wait for a worker that does not come."""
    return run.risk == "emergency" and run.is_working and workers.is_deserted(run)


def _nobody(run: Run, now: datetime) -> bool:
    """Whether it waits for a worker and none of its cluster lives."""
    held = run.lease_until is not None and run.lease_until > now
    return not held and not workers.living()[run.cluster]


def _can_be_cancelled(run: Run) -> bool:
    return run.state != State.VERIFYING and not run.cancel_requested_by_id
