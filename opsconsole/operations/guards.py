"""What is looked at in every plan, whatever the operation."""

from opsconsole.operations.models import Run, Step
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted, holds
from opsconsole.platform.db import READ

MANY_ROWS = 10_000  # rows in one run
LARGE_SHARE = 0.5  # of the table
FEW_ROWS = 50  # that one person may change where more want a second person's approval


def verdicts(run: Run, steps: list[ChangeRows]) -> list[Verdict]:
    """One verdict per guard."""
    planned = run.steps.order_by("number")
    radii = [
        _blast_radius(step, stored) for step, stored in zip(steps, planned, strict=True)
    ]
    return [_touches_something(run), *radii]


def _touches_something(run: Run) -> Verdict:
    if run.rows_planned:
        sentence = f"{counted(run.rows_planned)} would change."
        return Verdict("Work to do", Level.OK, sentence)
    return Verdict(
        "Work to do", Level.BLOCKING, "No row would change: nothing to confirm."
    )


def _blast_radius(step: ChangeRows, planned: Step) -> Verdict:
    total = step.model._default_manager.using(READ).count()
    rows = planned.rows_planned
    sentence = f"{rows:,} of the table's {total:,} rows ({share(rows, total)})."
    large = rows > MANY_ROWS or rows > LARGE_SHARE * total
    return Verdict("Blast radius", Level.WARNING if large else Level.OK, sentence)


def few(run: Run) -> Verdict:
    """For operations that are routine for a few rows alone: blocking above FEW_ROWS."""
    return holds(
        f"At most {FEW_ROWS} rows",
        run.rows_planned <= FEW_ROWS,
        yes=f"One person may change up to {FEW_ROWS} rows at once.",
        no=f"{counted(run.rows_planned)} would change. More than {FEW_ROWS} at once want"
        " a second person's approval, which the console cannot ask for yet: choose fewer.",
    )


def share(part: int, whole: int) -> str:
    """A percentage that does not round something down to nothing."""
    if not whole:
        return "unknown share"
    percent = 100 * part / whole
    return "under 1 %" if 0 < percent < 1 else f"{percent:.0f} %"
