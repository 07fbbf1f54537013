"""How much an operation would do if somebody ran it now, as most people mean it."""

from opsconsole.operations.catalog import Operation
from opsconsole.operations.planning import preview
from opsconsole.operations.steps import StepSpec
from opsconsole.operations.verdicts import counted
from opsconsole.platform.panel import ask

MOST = 10_000  # rows counted; a page waits no longer than for these


def in_words(operation: type[Operation]) -> str:
    """A sentence; also when the platform does not answer in the page's time."""
    try:
        panel = ask(lambda: _counted(operation), *operation.needs())
    except LookupError as error:  # what the operation looks for is not there
        return f"{error.args[0]}."
    return panel.problem if panel.answer is None else panel.answer


def _counted(operation: type[Operation]) -> str:
    """The step that takes most: several steps of an operation write the same rows.

    Where no row is written, calls or statements are counted.
    """
    steps = preview.steps(operation, operation().usual() or {})
    rows = [step.size(MOST + 1) for step in steps if step.noun == StepSpec.noun]
    if rows or not steps:
        return _sentence(max(rows, default=0), StepSpec.noun)
    return _sentence(sum(step.size(MOST + 1) for step in steps), steps[0].noun)


def _sentence(size: int, noun: str) -> str:
    if not size:
        return "Nothing to do now."
    many = f"more than {MOST:,} {noun}s" if size > MOST else counted(size, noun)
    return f"Would touch {many} now."
