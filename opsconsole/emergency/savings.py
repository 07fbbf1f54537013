"""How many calls to GitHub an action would save, estimated like its plan does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opsconsole.emergency.ways import Way
from opsconsole.operations.catalog import intervals
from opsconsole.operations.catalog.intervals import NEVER
from opsconsole.operations.planning import preview
from opsconsole.operations.steps import ChangeRows, StepSpec
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
    return ask(
        lambda: _of_steps(preview.steps(way.operation, way.params)),
        *way.operation.needs(),
    )


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
