"""What an undo is to the run that it names: one that wrote nothing took nothing back."""

from opsconsole.operations.models import Run
from opsconsole.operations.states import State

GIVEN_UP = (State.CANCELLED, State.REJECTED, State.EXPIRED, State.FAILED)


def came_to_nothing(run: Run) -> bool:
    """Whether it ended before its first row."""
    return run.state in GIVEN_UP and not run.rows_written


def verb(run: Run) -> str:
    """`undoes`, or `was to undo`."""
    return "was to undo" if came_to_nothing(run) else "undoes"
