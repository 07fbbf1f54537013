"""The steps that an operation would have now, without a plan of it."""

from collections.abc import Sequence
from typing import Any

from opsconsole.operations.catalog.base import Operation
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import StepSpec
from opsconsole.platform.db import fetch


def steps(operation: type[Operation], params: dict[str, Any]) -> Sequence[StepSpec]:
    """As its plan would have them, without asking anybody but the platform.

    Raises LookupError like `facts()`.
    """
    code = operation()
    moment = Moment(fetch("SELECT now()")[0]["now"])
    if not code.asks_outside:
        moment = moment.knowing(code.facts(params, moment))
    return code.steps(params, moment)
