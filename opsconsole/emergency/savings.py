"""How many calls to GitHub an action would save, estimated like its plan does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opsconsole.emergency.ways import Way
from opsconsole.operations.catalog import intervals
from opsconsole.operations.catalog.intervals import NEVER
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows, StepSpec
from opsconsole.platform.db import fetch
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.panel import Panel, ask
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows


@dataclass(frozen=True)
class Saving:
    """Calls an hour at one call a sync, on the schedule's grid."""

    calls: float
    of: float  # what the schedule makes now
    wanted: float = 0.0  # what falls due even then

    @property
    def is_none(self) -> bool:
        """Whether more falls due than the schedule takes, before and after."""
        return not round(self.calls, 1) and self.wanted > self.of


def saving(way: Way) -> Panel[Saving]:
    """Worked out in what is left of the page's time. Raises LookupError like `facts()`."""
    return ask(lambda: _of_steps(_steps(way)), *way.operation.needs())


def _steps(way: Way) -> Sequence[StepSpec]:
    """As its plan would have them, without asking anybody but the platform."""
    code = way.operation()
    now: datetime = fetch("SELECT now() AS now")[0]["now"]
    moment = Moment(now)
    if not code.asks_outside:
        moment = moment.knowing(code.facts(way.params, moment))
    return code.steps(way.params, moment)


def _of_steps(steps: Sequence[StepSpec]) -> Saving:
    every: Rows = WorkspaceTrackedRepository.objects.all()
    for step in steps:
        if isinstance(step, ChangeRows) and (new := _interval(step)) is not None:
            changing: Any = step.rows
            load = intervals.load(every.syncing(), changing.syncing(), new)
            return Saving(load.now - load.then, load.now, load.wanted)
    raise LookupError("It changes no interval")


def _interval(step: ChangeRows) -> Any:
    """The interval that the step leaves its rows with; None where it changes none."""
    if step.values.get("fetch_issues") is False:
        return NEVER
    return step.values.get("sync_frequency_hours")
