"""The last 24 hours of a number: its line, and how far it is from where it was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.safestring import SafeString

from opsconsole.history.models import Sample
from opsconsole.history.trends import trend
from opsconsole.web.charts import sparkline
from opsconsole.web.formats import number

DAY = timedelta(days=1)
NEAR = timedelta(minutes=30)  # a sample that far from 24 h ago still stands for then
Measure = Callable[[Sample], float | None]


@dataclass(frozen=True)
class Past:
    """The usable samples of the last day, the oldest first."""

    samples: Sequence[Sample]
    now: datetime

    def line(self, measure: Measure) -> SafeString:
        """A sparkline with gaps where nothing was collected; empty without a past."""
        return sparkline(trend(self.samples, measure, until=self.now))

    def change(self, measure: Measure, today: float | None) -> float | None:
        """How much more it is than 24 hours ago; None where one of both is unknown."""
        before = measure(self.yesterday) if self.yesterday else None
        return None if today is None or before is None else today - before

    @property
    def yesterday(self) -> Sample | None:
        """The sample that stands for 24 hours ago."""
        first = next(iter(self.samples), None)
        return first if first and self.now - first.at > DAY - NEAR else None


def difference(change: float | None) -> str:
    """`+12 in 24 h`, `as 24 h ago`; empty where it is unknown."""
    if change is None:
        return ""
    if not change:
        return "as 24 h ago"
    return f"{'+' if change > 0 else ''}{number(change)} in 24 h"
