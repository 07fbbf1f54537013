"""Line charts and sparklines as SVG text: no script, no inline style.

A chart is drawn twice, wide and narrow, because letters in a scaled drawing shrink; the
style sheet shows one. The table in components/chart.html says the same in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsconsole.web import plot


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a value (0 or more) per day, None where nothing was measured."""

    label: str
    values: plot.Values


@dataclass(frozen=True, slots=True)
class Chart:
    """Up to three lines over the same days, in ascending order."""

    title: str
    days: Sequence[date]
    series: Sequence[Series]

    @property
    def rows(self) -> list[tuple[date, list[float | None]]]:
        """Each day with its values, newest first."""
        lines = [line.values for line in self.series]
        rows = [(day, [v[i] for v in lines]) for i, day in enumerate(self.days)]
        return rows[::-1]

    @property
    def svg(self) -> SafeString:
        """Both drawings; empty with fewer than two days."""
        if len(self.days) < 2:
            return SafeString("")
        wide = plot.Plot(width=860, height=270, tips=True, label_space=84)
        narrow = plot.Plot(width=340, height=200, tips=False, label_space=84)
        return self._drawn("wide", wide) + self._drawn("narrow", narrow)

    def _drawn(self, kind: str, area: plot.Plot) -> SafeString:
        lines = [line.values for line in self.series]
        labels = [line.label for line in self.series]
        return format_html(
            '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}: '
            'line chart; the same as a table below">{}</svg>',
            kind,
            area.width,
            area.height,
            self.title,
            plot.content(area, self.days, lines, labels),
        )


def line_chart(title: str, days: Sequence[date], series: Sequence[Series]) -> Chart:
    """A chart; show it with components/chart.html."""
    return Chart(title, days, series)


def sparkline(values: plot.Values) -> SafeString:
    """A tiny line without axes, to stand beside a number that says the value."""
    known = [value for value in values if value is not None]
    if len(values) < 2 or not known:
        return SafeString("")
    area = plot.Plot(width=88, height=30, left=2, right=2, top=3, bottom=3)
    low, span = min(known), (max(known) - min(known)) or 1
    place = partial(plot.place, area, len(values), low, span)
    return format_html(
        '<svg class="spark" viewBox="0 0 88 30" aria-hidden="true">{}</svg>',
        plot.polylines(values, place, "series-1"),
    )
