"""Line charts and sparklines as SVG: no script, no inline style.

A chart is shown with components/chart.html, whose table says the same in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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
        """The drawing; empty with fewer than two days."""
        if len(self.days) < 2:
            return SafeString("")
        lines = [line.values for line in self.series]
        known = [value for values in lines for value in values if value is not None]
        scale = plot.ticks(max(known, default=0))
        return format_html(
            '<svg class="chart" role="img" aria-label="{}: line chart, '
            'the same as the table below">{}{}{}{}</svg>',
            self.title,
            plot.gridlines(scale),
            plot.dates(self.days),
            plot.lines(lines, 0, scale[-1]),
            plot.tips(self.days, [line.label for line in self.series], lines),
        )


def line_chart(title: str, days: Sequence[date], series: Sequence[Series]) -> Chart:
    """A chart; show it with components/chart.html."""
    return Chart(title, days, series)


def sparkline(values: plot.Values) -> SafeString:
    """A tiny line without axes, to stand beside a number that says the value."""
    known = [value for value in values if value is not None]
    if len(values) < 2 or not known:
        return SafeString("")
    return format_html(
        '<svg class="spark" aria-hidden="true">{}</svg>',
        plot.lines([values], min(known), max(known)),
    )
