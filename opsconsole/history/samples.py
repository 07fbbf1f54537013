"""Samples: the platform's numbers, counted now or read from those that were kept."""

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.models import DateTimeField, F, Func, Max, Value
from django.utils import timezone

from opsconsole.history import counting, errors
from opsconsole.history.circumstances import refusals
from opsconsole.history.models import Sample
from opsconsole.platform import contract, gaps, needs
from opsconsole.platform.db import READ
from opsconsole.platform.deadline import deadline

PATIENCE = 30.0  # seconds that one sample may take on the platform altogether
DAY = timedelta(days=1)
# The fields of a sample, the errors behind its fingerprints, or why there are none.
Counted = tuple[dict[str, Any], list[errors.Found], str]

log = logging.getLogger(__name__)
contract.register("History", counting.NEEDS)


def take(now: datetime | None = None) -> Sample:
    """Count everything on the platform and keep it.

    Never raises for a platform that is down, slow or not as expected: then the sample
    holds the reason and no numbers.
    """
    sample, kinds = look(now or timezone.now(), PATIENCE)
    if sample.problem:
        log.warning("No sample: %s", sample.problem)
    keep(sample, kinds)
    return sample


def keep(sample: Sample, kinds: list[errors.Found]) -> None:
    """Keep what `look` found."""
    errors.remember(kinds, sample.at)
    sample.save(force_insert=True)


def look(now: datetime, patience: float) -> tuple[Sample, list[errors.Found]]:
    """Count everything on the platform in so many seconds, as `take`, and keep nothing."""
    refused, began = refusals(now), monotonic()
    fields, kinds, problem = _counted(now, refused, patience)
    took = timedelta(seconds=monotonic() - began)
    return Sample(at=now, took=took, problem=problem, **fields), kinds


def newest() -> Sample | None:
    """The newest one that holds numbers."""
    return Sample.objects.newest()


def lately(now: datetime, span: timedelta = DAY, points: int = 48) -> list[Sample]:
    """At most so many samples of that time with numbers, evenly spread, oldest first.

    The same points as `trends.trend` draws, so that a month costs no more than a day.
    """
    place = Func(
        Value(span / points),
        F("at"),
        Value(now + timedelta.resolution),  # a point's time includes its end
        function="date_bin",
        output_field=DateTimeField(),
    )
    kept = Sample.objects.usable().filter(at__gt=now - span, at__lte=now)
    last_of_each = kept.values(place=place).annotate(last=Max("at")).values("last")
    found = Sample.objects.usable().filter(at__in=last_of_each.order_by())
    return list(found.order_by("at"))


def _counted(now: datetime, refused: dict[str, datetime], patience: float) -> Counted:
    """Whatever goes wrong on the platform is a sentence."""
    platform = contract.current()
    if lacking := platform.lacks(*counting.NEEDS):
        return {}, [], " ".join(lacking)
    try:
        with deadline(patience):
            _fix_the_view()
            fields, kinds = counting.count(now, refused)
            if not platform.lacks(*gaps.READS):
                fields |= _gaps()
            return fields, kinds, ""
    except (DatabaseError, InterfaceError) as error:
        if needs.is_ours():
            raise
        return {}, [], _why(error)


def _fix_the_view() -> None:
    """All numbers of a sample are of one moment."""
    with connections[READ].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _gaps() -> dict[str, int]:
    """Empty where they take more time than is left: the rest is counted by then."""
    try:
        with deadline():
            return gaps.count()._asdict()
    except OperationalError as error:
        log.warning("Unlinked repositories were not counted: %s", error)
        return {}


def _why(error: Exception) -> str:
    """A sentence for people, without anything that stands in a row."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        contract.forget()
        return f"The platform's rows could not be counted ({type(error).__name__})."
    return needs.sentence(error)
