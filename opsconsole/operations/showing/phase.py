"""What of a run's page changes seldom: head, buttons, and which parts it has at all."""

from dataclasses import dataclass

from opsconsole.operations import workers
from opsconsole.operations.decisions.line import PAUSABLE
from opsconsole.operations.models import Run
from opsconsole.operations.risks import Risk
from opsconsole.operations.states import UNDECIDED, WORKING, State

QUARTERS = 4  # of the rows: told to screen readers


@dataclass(frozen=True)
class Phase:
    """Two pages of one phase differ in figures alone. The page sends it as text."""

    layout: str  # live, undecided or over
    state: str
    wishes: str  # pause or cancel, asked for and not granted
    deserted: bool  # an emergency that no worker takes
    quarter: int

    def __str__(self) -> str:
        flag = "deserted" if self.deserted else ""
        parts = (self.layout, self.state, self.wishes, flag, str(self.quarter))
        return ".".join((*parts, self.buttons)).replace(" ", "-")

    @property
    def buttons(self) -> str:
        """Alike wherever the same buttons are offered: what somebody types there stays."""
        at_work = State(self.state) in PAUSABLE
        return f"{'at-work' if at_work else self.state}-{self.wishes}".replace(" ", "-")

    def has_other_buttons(self, seen: str) -> bool:
        """Whether a page that shows the phase `seen`, as text, offers others."""
        return seen.rpartition(".")[2] != self.buttons


def of(run: Run) -> Phase:
    planned = run.rows_planned
    return Phase(
        layout=_layout(run),
        state=run.state,
        wishes=_wishes(run),
        deserted=is_deserted(run),
        quarter=QUARTERS * run.rows_done // planned if planned else 0,
    )


def is_deserted(run: Run) -> bool:
    """An emergency must not wait for a worker that does not come."""
    return run.risk == Risk.EMERGENCY and run.is_working and workers.is_deserted(run)


def _layout(run: Run) -> str:
    if run.state in (*WORKING, State.PAUSED):
        return "live"
    return "undecided" if run.state in UNDECIDED else "over"


def _wishes(run: Run) -> str:
    if run.cancel_requested_by_id:
        return "cancel"
    asked = run.pause_requested_by_id and run.state != State.PAUSED
    return "pause" if asked else ""
