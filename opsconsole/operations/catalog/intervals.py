"""Sync intervals as database expressions: what they become, how often the schedule comes."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import (
    Count,
    DurationField,
    F,
    FloatField,
    Func,
    IntegerField,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from opsconsole.platform import rules
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

HOURS = F("sync_frequency_hours")
MEANT = Coalesce(HOURS, rules.USUAL_INTERVAL)  # what the sync function makes of it
NEVER = Value(1_000_000, output_field=IntegerField())  # hours; as good as no sync


class Hours(Func):
    """A number of hours as a span of time."""

    function = "make_interval"
    template = "%(function)s(hours => %(expressions)s)"
    output_field = DurationField()


def lengthened(factor: int, floor: int, longest: int) -> Combinable:
    """The interval times factor, at least floor, at most longest; hours.

    What is above `longest` already stays: a CHECK may be younger than its rows.
    """
    # GREATEST passes over NULL, so a row without an interval gets the rest.
    return Greatest(HOURS, Least(Greatest(MEANT * factor, floor), longest))


def on_the_grid(hours: Any) -> Combinable:
    """Hours from one sync to the next: who is due waits for the next scheduled run."""
    period = settings.SCHEDULE_HOURS
    late = hours + (period - 1)
    grid: Combinable = late / period * period  # whole numbers: the rest is cut off
    return grid


@dataclass(frozen=True)
class Load:
    """Syncs an hour, at most as many as the schedule takes."""

    now: float
    then: float
    wanted: float  # what would be due then, if the schedule took all of it


def load(rows: Rows, changing: Rows, new: Combinable) -> Load:
    """The schedule's load by `rows` now, and when `changing` ones have a new interval."""
    wanted = _per_hour(rows, MEANT)
    then = wanted - _per_hour(changing, MEANT) + _per_hour(changing, new)
    most = rules.slots_per_day() / 24
    return Load(min(wanted, most), min(then, most), then)


def factors(rows: Rows, new: Combinable) -> dict[str, dict[float, int]]:
    """Tier -> factor by which the interval grows -> rows, the most frequent first."""
    grouped = (
        rows.annotate(factor=Cast(new, FloatField()) / Cast(MEANT, FloatField()))
        .values_list("workspace__tier", "factor")
        .annotate(rows=Count("pk"))
        .order_by("workspace__tier", "-rows", "factor")
    )
    found: dict[str, dict[float, int]] = {}
    for tier, factor, number in grouped:
        found.setdefault(tier, {})[factor] = number
    return found


def _per_hour(rows: Rows, hours: Any) -> float:
    often = 1.0 / Cast(on_the_grid(hours), FloatField())
    return float(rows.aggregate(total=Sum(often))["total"] or 0)
