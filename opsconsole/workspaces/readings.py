"""The platform's numbers for a page: of the newest sample, or counted now without one."""

from dataclasses import dataclass, replace
from datetime import datetime

from opsconsole.history import errors, samples
from opsconsole.history.collecting import Collecting
from opsconsole.history.collecting import state as collecting_now
from opsconsole.history.errors import ErrorCount
from opsconsole.history.models import Sample
from opsconsole.platform.deadline import left
from opsconsole.workspaces.past import Past


@dataclass(frozen=True)
class Reading:
    """Numbers, how old they are, and what they were in the last 24 hours."""

    collecting: Collecting
    sample: (
        Sample | None
    )  # None: nothing was collected and the platform cannot be asked
    groups: list[ErrorCount]  # of errors; none where nothing was collected
    past: Past
    problem: str = ""  # why there are no numbers


def kept(now: datetime) -> Reading:
    """The newest sample, whatever its age; the platform is asked nothing."""
    taken = samples.lately(now)
    state = collecting_now(now, taken[-1] if taken else None)
    groups = errors.groups(state.newest) if state.newest else []
    return Reading(state, state.newest, groups, Past(taken, now))


def read(now: datetime) -> Reading:
    """The same; where nothing was ever collected, numbers that are counted now."""
    reading = kept(now)
    if reading.sample:
        return reading
    counted, _ = samples.look(now, left())
    if counted.problem:
        return replace(reading, problem=counted.problem)
    return replace(reading, sample=counted)
