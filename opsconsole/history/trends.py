"""A number of the samples over time, evenly spaced for a line."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from opsconsole.history.models import Sample

DAY = timedelta(days=1)


def trend(
    samples: Iterable[Sample],
    measure: Callable[[Sample], float | None],
    *,
    until: datetime,
    span: timedelta = DAY,
    points: int = 48,
) -> list[float | None]:
    """The number at each of so many points of time, the last of them `until`.

    Each point takes the newest sample of the time since the one before; None where there
    is none.
    """
    step, values = span / points, [None] * points
    line: list[float | None] = list(values)
    for sample in sorted(samples, key=lambda sample: sample.at):
        place = points - 1 - (until - sample.at) // step
        if not sample.problem and 0 <= place < points:
            line[place] = measure(sample)
    return line
