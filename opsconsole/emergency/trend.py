"""How much of the quota remained over the last hours, drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from opsconsole.web import plot

LABELS = 6  # times below the axis


@dataclass(frozen=True)
class Trend:
    """Points of time in order, each with what remained; None where it is unknown."""

    points: Sequence[tuple[datetime, int | None]]
    limit: int | None  # calls an hour: the top of the scale

    @property
    def is_known(self) -> bool:
        return any(value is not None for _, value in self.points)

    @property
    def rows(self) -> list[tuple[datetime, int | None]]:
        """For the table, the newest first."""
        return [*self.points][::-1]

    @property
    def svg(self) -> SafeString:
        """The drawing; the table beside it says the same."""
        values = [value for _, value in self.points]
        known = [value for value in values if value is not None]
        scale = plot.ticks(max([*known, self.limit or 0], default=0))
        return format_html(
            '<svg class="chart" role="img" aria-label="Calls that remained: line chart,'
            ' the same as the table below">{}{}{}{}</svg>',
            plot.gridlines(scale),
            _times([at for at, _ in self.points]),
            plot.lines([values], 0, scale[-1]),
            _lonely(values, scale[-1]),
        )


def _times(moments: Sequence[datetime]) -> SafeString:
    """Local times below the axis, the newest always among them."""
    step = max(1, len(moments) // LABELS)
    shown = range(len(moments) - 1, 0, -step)
    return format_html_join(
        "",
        '<text class="axis{}" x="{}%" y="100%" dy="20" text-anchor="{}">{}</text>',
        (
            (
                " second" if number % 2 else "",
                plot.across(place, len(moments)),
                "end" if number == 0 else "middle",
                f"{timezone.localtime(moments[place]):%H:%M}",
            )
            for number, place in enumerate(shown)
        ),
    )


def _lonely(values: Sequence[int | None], top: float) -> SafeString:
    """A dot for a value between two unknown ones, of which there is no line."""
    padded = [None, *values, None]
    alone = [
        place
        for place, value in enumerate(values)
        if value is not None and padded[place] is None and padded[place + 2] is None
    ]
    return format_html_join(
        "",
        '<circle class="dot series-1" cx="{}%" cy="{}%" r="3"/>',
        (
            (plot.across(place, len(values)), plot.down(values[place] or 0, 0, top))
            for place in alone
        ),
    )
