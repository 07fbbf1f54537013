"""Where a run failed, how far it was, and what to do now."""

from dataclasses import dataclass

from opsconsole.operations.models import Run
from opsconsole.operations.showing import progress
from opsconsole.operations.showing.progress import StepProgress
from opsconsole.operations.states import State
from opsconsole.operations.verdicts import counted


@dataclass(frozen=True)
class Failure:
    """What is said above and below the reason, which the run keeps as its `error`."""

    title: str
    advice: str


def of(run: Run, steps: list[StepProgress]) -> Failure | None:
    """None of a run that did not fail."""
    if run.state != State.FAILED:
        return None
    return Failure(_title(run, steps), _advice(run))


def _title(run: Run, steps: list[StepProgress]) -> str:
    if run.started_at is None:
        return "It failed before it began: nothing was changed"
    at = progress.position(steps)
    done = f"{run.rows_done:,} of {counted(run.rows_planned)} done"
    if not at:
        return f"It failed while it was verified: {done}"
    return f"It failed at {at[:1].lower()}{at[1:]}: {done}"


def _advice(run: Run) -> str:
    """What was done, and what that means for the next plan."""
    if not run.rows_written:
        return (
            "Nothing was written. Plan again once the cause is gone: that shows what"
            " would change then."
        )
    rest = (
        f" The other {counted(run.rows_left)} are as they were."
        if run.rows_left
        else ""
    )
    return (
        f"{counted(run.rows_written)} hold what this run wrote.{rest} Once the cause is"
        " gone, plan again for the rest; or undo what was written, below."
    )
