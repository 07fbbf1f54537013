"""A run's parameters in a few words, for lists."""

from collections.abc import Iterator, Mapping
from typing import Any

from opsconsole.operations.asking.selecting import SelectingForm
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.web import formats

LISTED = 4  # values of one parameter


def brief(run: Run) -> str:
    """`Interval, in hours: 12`; without what chooses the rows, which the subject tells."""
    return " · ".join(_said(run.params, _labels(run.operation)))


def _labels(operation: str) -> dict[str, str]:
    """Parameter -> its label on the form; empty when the operation was removed since."""
    if operation not in OPERATIONS:
        return {}
    form = OPERATIONS[operation].Form
    return {name: str(f.label or "") for name, f in form.base_fields.items()}


def _said(params: Mapping[str, Any], labels: dict[str, str]) -> Iterator[str]:
    for name, value in params.items():
        if name in SelectingForm.ways or value in (None, "", [], False):
            continue
        label = labels.get(name) or name.replace("_", " ").capitalize()
        yield label if value is True else f"{label}: {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        more = len(value) - LISTED
        shown = ", ".join(str(one) for one in value[:LISTED])
        return f"{shown} and {formats.number(more)} more" if more > 0 else shown
    return formats.number(value) if isinstance(value, int | float) else str(value)
