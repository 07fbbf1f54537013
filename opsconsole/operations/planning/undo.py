"""Take a run back: an ordinary run of its own, over what the other one really wrote."""

from django.utils import timezone

from opsconsole.operations.models import Run
from opsconsole.operations.planning import opposite, planner
from opsconsole.operations.states import LIVE, UNDECIDED, UNDOABLE, State


def obstacle(run: Run) -> str:
    """Why the run cannot be undone, as a sentence; empty when it can."""
    if run.state == State.UNDONE:
        return "It is undone already."
    if run.state not in UNDOABLE:
        return (
            "Only what has ended can be undone: cancel it first, or wait for its end."
        )
    if not run.rows_written:
        return "It changed nothing: there is nothing to undo."
    if run.undo_until is not None and run.undo_until < timezone.now():
        return "Its rows were kept for 30 days: the time for an undo is over."
    underway = run.undos.filter(state__in=[State.PLANNING, *UNDECIDED, *LIVE]).first()
    if underway:
        return f"Its undo is under way already: run {underway.pk}."
    if not any(True for _ in opposite.steps(run)):
        return "Nothing that it did can be undone."
    return ""


def plan(run: Run, request: planner.Request) -> Run:
    """Plan the undo; a large one is left to a worker. Raises CannotPlan with `obstacle()`."""
    if sentence := obstacle(run):
        raise planner.CannotPlan(sentence)
    new = planner.new_run(run.definition(), run.params, request, undo_of=run)
    return planner.now_or_later(new)
