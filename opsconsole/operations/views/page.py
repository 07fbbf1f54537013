"""The page of a run, whole and in its live part: what both show."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from opsconsole.accounts.http import PersonRequest
from opsconsole.audit.models import Entry
from opsconsole.history import responses
from opsconsole.history.models import SavedCode
from opsconsole.operations import decisions, workers
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.decisions.forms import ConfirmForm
from opsconsole.operations.decisions.line import PAUSABLE
from opsconsole.operations.models import Run
from opsconsole.operations.permissions import may_run
from opsconsole.operations.planning import undo
from opsconsole.operations.showing import (
    answers,
    failure,
    movement,
    phase,
    progress,
    rate,
)
from opsconsole.operations.showing.outcomes import Outcome, RowList
from opsconsole.operations.states import State, stages
from opsconsole.operations.steps import KINDS
from opsconsole.operations.views.planning import plan_again

LOG_LINES = 30
SKIPPED = 20  # rows named on the page; all of them have a page of their own
GONE = "The console no longer has this operation, and with it the way back."


def load(run_id: int) -> Run:
    """A run with everybody whom its page names. Raises Http404."""
    runs = Run.objects.select_related(*movement.PEOPLE, "undo_of")
    return get_object_or_404(runs, pk=run_id)


def whole(request: PersonRequest, run: Run) -> HttpResponse:
    """The page of a run in whatever state it is."""
    form = ConfirmForm(initial={"plan_hash": run.plan_hash})
    return render(request, "operations/run.html", run_context(request, run, form))


def live_context(request: PersonRequest, run: Run) -> dict[str, Any]:
    """What changes while a run is at work."""
    now, of_run = timezone.now(), phase.of(run)
    steps = progress.steps(run)
    seen = request.GET.get("seen", str(of_run))
    wished = bool(of_run.wishes)
    return {
        "run": run,
        "phase": of_run,
        "changed": str(of_run) != seen,
        "other_buttons": of_run.has_other_buttons(seen),
        "may": may_run(request.user, run),
        "stages": stages(State(run.state)),
        "steps": steps,
        "position": progress.position(steps),
        "looked_at": sum(step.looked_at for step in steps),
        "rate": rate.sentence(run) if run.state == State.APPLYING else "",
        "movement": movement.sentences(run, now),
        "nobody": run.is_working and _nobody(run, now),
        "lines": list(run.log.order_by("-pk")[:LOG_LINES]),
        "may_pause": run.state in PAUSABLE and not wished,
        "may_cancel": _can_be_cancelled(run, of_run),
        "paused_long": run.state == State.PAUSED and decisions.paused_long(run),
    }


def run_context(request: PersonRequest, run: Run, form: ConfirmForm) -> dict[str, Any]:
    """Everything that the page of a run shows."""
    context = live_context(request, run)
    again = context["may"] and run.state != State.APPLIED and not run.undo_of_id
    return {
        **context,
        "form": form,
        "planned_steps": run.summary.get("steps", []),
        "verdicts": run.summary.get("verdicts", []),
        "statements": _statements(run),
        "blocked": decisions.blocking(run),
        "again": plan_again(run) if again else "",
        "approvals": run.approvals.select_related("approver").order_by("decided_at"),
        "entries": Entry.objects.of_run(run.pk).newest_first()[:20],
        **(_result(run) if run.is_finished else {}),
    }


def _result(run: Run) -> dict[str, Any]:
    """What became of a run that is over."""
    answered, in_all = answers.of(run)
    known = run.operation in OPERATIONS
    return {
        "failure": failure.of(run, progress.steps(run)),
        "skipped": RowList(run, Outcome.SKIPPED)[:SKIPPED] if run.rows_skipped else [],
        "answers": answered,
        "answers_in_all": in_all,
        "responses": responses.of_run(run.pk),
        "saved_code": SavedCode.objects.filter(run_id=run.pk).exists(),
        "pruned": progress.is_pruned(run),
        "obstacle": undo.obstacle(run) or ("" if known else GONE),
        "undos": run.undos.order_by("pk"),
        "undo_notes": _undo_notes(run),
        "effects": run.effects.order_by("due_at"),
    }


def _undo_notes(run: Run) -> list[tuple[str, str]]:
    """What an undo does not bring back, or not for long: (step, sentence)."""
    notes = []
    for step in run.summary.get("steps", []):
        if step.get("undo") == "never":
            notes.append((step["title"], "Cannot be undone."))
        elif note := step.get("undo_note"):
            notes.append((step["title"], note))
    return notes


def _statements(run: Run) -> list[dict[str, Any]]:
    """What each step sends to the platform, and how that finds its rows."""
    return [
        {
            "title": step.title,
            "texts": KINDS[step.kind].shown(step),
            "explain": step.spec.get("explain", ""),
        }
        for step in run.steps.order_by("number")
    ]


def _nobody(run: Run, now: datetime) -> bool:
    """Whether it waits for a worker and none of its cluster lives."""
    held = run.lease_until is not None and run.lease_until > now
    return not held and not workers.living()[run.cluster]


def _can_be_cancelled(run: Run, of_run: phase.Phase) -> bool:
    begun = of_run.layout == "live" and run.state != State.VERIFYING
    return begun and of_run.wishes != "cancel"
