"""The geometry of a line chart: axes, lines and a tip per day, as SVG elements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from opsconsole.web.formats import number

Values = Sequence[float | None]
Place = Callable[[int, float], tuple[float, float]]  # day index, value -> x, y


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing area and its margins, in SVG units."""

    width: int
    height: int
    left: int = 44
    right: int = 10
    top: int = 22
    bottom: int = 24
    tips: bool = False  # whether pointing at a day shows its values
    label_space: int = 84  # at least this far apart are the dates below the axis

    @property
    def floor(self) -> int:
        """The y of the horizontal axis."""
        return self.height - self.bottom

    @property
    def inner_width(self) -> int:
        """From the vertical axis to the last day."""
        return self.width - self.left - self.right


def place(
    area: Plot, days: int, low: float, span: float, day: int, value: float
) -> tuple[float, float]:
    """Where a value of a day stands."""
    x = area.left + area.inner_width * day / (days - 1)
    y = area.floor - (area.floor - area.top) * (value - low) / span
    return round(x, 1), round(y, 1)


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


def content(
    area: Plot, days: Sequence[date], lines: Sequence[Values], labels: Sequence[str]
) -> SafeString:
    """Everything inside the <svg>."""
    highest = max((v for line in lines for v in line if v is not None), default=0)
    scale = ticks(highest)
    spot = partial(place, area, len(days), 0, scale[-1])
    drawn = [
        polylines(line, spot, f"series-{n}") for n, line in enumerate(lines, start=1)
    ]
    parts = [_gridlines(area, scale, spot), _dates(area, days, spot), *drawn]
    if area.tips:
        parts.append(_tips(area, days, lines, labels, spot))
    return SafeString("".join(parts))


def polylines(values: Values, spot: Place, style: str) -> SafeString:
    """The line of a series, interrupted where nothing was measured."""
    runs = groupby(enumerate(values), key=lambda pair: pair[1] is not None)
    pieces = [
        " ".join(f"{x},{y}" for x, y in (spot(i, v) for i, v in run if v is not None))
        for known, run in runs
        if known
    ]
    return format_html_join(
        "",
        '<polyline class="line {}" points="{}"/>',
        ((style, points) for points in pieces),
    )


def _gridlines(area: Plot, scale: list[float], spot: Place) -> SafeString:
    return format_html_join(
        "",
        '<line class="gridline" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="axis" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (area.left, area.width - area.right, y, y, area.left - 9, y + 4, short(v))
            for v, y in ((value, spot(0, value)[1]) for value in scale)
        ),
    )


def _dates(area: Plot, days: Sequence[date], spot: Place) -> SafeString:
    step = max(1, ceil(area.label_space / (area.inner_width / (len(days) - 1))))
    return format_html_join(
        "",
        '<text class="axis" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (spot(i, 0)[0], area.height - 6, f"{days[i]:%-d %b}")
            for i in range(len(days) - 1 - step // 2, 0, -step)
        ),
    )


def _tips(
    area: Plot,
    days: Sequence[date],
    lines: Sequence[Values],
    labels: Sequence[str],
    spot: Place,
) -> SafeString:
    """One invisible column per day; pointing at it shows the day's values above."""
    half = area.inner_width / (len(days) - 1) / 2
    return format_html_join(
        "",
        '<g class="day"><rect x="{}" y="0" width="{}" height="{}"/>'
        '<line class="marker" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="tip" x="{}" y="14" text-anchor="{}">{}</text></g>',
        (
            (
                round(x - half, 1),
                round(2 * half, 1),
                area.floor,
                x,
                x,
                area.top,
                area.floor,
                x,
                _anchor(i, len(days)),
                _tip(days[i], labels, [line[i] for line in lines]),
            )
            for i, x in ((i, spot(i, 0)[0]) for i in range(len(days)))
        ),
    )


def _anchor(day: int, days: int) -> str:
    """Keeps the tips of the first and last days inside the drawing."""
    return {0: "start", 2: "end"}.get(3 * day // days, "middle")


def _tip(day: date, labels: Sequence[str], values: Values) -> str:
    named = (
        f"{label} {'unknown' if value is None else number(value)}"
        for label, value in zip(labels, values, strict=True)
    )
    return f"{day:%a %-d %b}:  " + "  ·  ".join(named)
