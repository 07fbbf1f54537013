"""A line chart as SVG elements, drawn once for every width of the page.

All places are percent of the drawing. Letters and axes stand in the outer drawing, which
is never scaled; the lines stand in an inner one that is stretched to fit. The style sheet
gives the margins and hides every second date where there is little room.
"""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from opsconsole.web.formats import number

Values = Sequence[float | None]

DATES = 8  # at most this many dates below the axis


def ticks(top: float, count: int = 4) -> list[float]:
    """Round numbers from 0 up to at least `top`, about `count` steps apart."""
    raw = max(top, 1) / count
    magnitude = 10 ** floor(log10(raw))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw)
    return [step * i for i in range(max(1, ceil(top / step)) + 1)]


def short(value: float) -> str:
    """A number for an axis: 950, 1.2k, 45k, 3M."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:g}"


def across(day: int, days: int) -> float:
    """How far to the right the n-th of so many days stands, in percent."""
    return round(100 * day / (days - 1), 2)


def down(value: float, low: float, high: float) -> float:
    """How far from the top a value stands, in percent."""
    return round(100 * (1 - (value - low) / ((high - low) or 1)), 2)


def lines(series: Sequence[Values], low: float, high: float) -> SafeString:
    """All lines, interrupted where nothing was measured."""
    drawn = (
        (f"series-{place}", points)
        for place, values in enumerate(series, start=1)
        for points in _stretches(values, low, high)
    )
    return format_html(
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none">{}</svg>',
        format_html_join("", '<polyline class="line {}" points="{}"/>', drawn),
    )


def gridlines(scale: Sequence[float]) -> SafeString:
    """A horizontal line for each number of the scale."""
    return format_html_join(
        "",
        '<line class="gridline" x1="0" x2="100%" y1="{0}%" y2="{0}%"/>'
        '<text class="axis" x="-10" y="{0}%" dy="4" text-anchor="end">{1}</text>',
        ((down(value, 0, scale[-1]), short(value)) for value in scale),
    )


def dates(days: Sequence[date]) -> SafeString:
    """The dates below the axis, the newest first so that it is always there."""
    step = ceil(len(days) / DATES)
    shown = range(len(days) - 1, -1, -step)
    return format_html_join(
        "",
        '<text class="axis{}" x="{}%" y="100%" dy="20" text-anchor="{}">{}</text>',
        (
            (
                " second" if place % 2 else "",
                across(day, len(days)),
                "end" if place == 0 else "middle",
                f"{days[day]:%-d %b}",
            )
            for place, day in enumerate(shown)
            if place == 0 or across(day, len(days)) > 3
        ),
    )


def tips(
    days: Sequence[date], labels: Sequence[str], series: Sequence[Values]
) -> SafeString:
    """An invisible column per day; pointing at it shows the day's values above."""
    width = round(100 / (len(days) - 1), 2)
    return format_html_join(
        "",
        '<g class="day"><rect x="{0}%" y="-16" width="{1}%" height="100%"/>'
        '<line class="marker" x1="{2}%" x2="{2}%" y1="0" y2="100%"/>'
        '<text class="tip" x="{2}%" y="-10" text-anchor="{3}">{4}</text></g>',
        (
            (
                round(across(i, len(days)) - width / 2, 2),
                width,
                across(i, len(days)),
                ("start", "middle", "end")[min(3 * i // len(days), 2)],
                _tip(day, labels, [values[i] for values in series]),
            )
            for i, day in enumerate(days)
        ),
    )


def _stretches(values: Values, low: float, high: float) -> list[str]:
    runs = groupby(enumerate(values), key=lambda pair: pair[1] is not None)
    return [
        " ".join(
            f"{across(day, len(values))},{down(value, low, high)}"
            for day, value in run
            if value is not None
        )
        for known, run in runs
        if known
    ]


def _tip(day: date, labels: Sequence[str], values: Values) -> str:
    named = (
        f"{label} {'unknown' if value is None else number(value)}"
        for label, value in zip(labels, values, strict=True)
    )
    return f"{day:%a %-d %b}:  " + "  ·  ".join(named)
