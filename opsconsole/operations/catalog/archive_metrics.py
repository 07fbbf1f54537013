from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from opsconsole.operations.catalog import metrics_archive
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.catalog.metrics_archive import (
    ARCHIVE,
    METRICS,
    READ_THERE,
    MoveMetrics,
)
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.rights import EVERY_COLUMN
from opsconsole.operations.steps import Statement, StepSpec
from opsconsole.operations.steps.columns import table_columns
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform import contract
from opsconsole.platform.models import DailyActivityMetric, DailyActivityMetricArchive

LEAST_DAYS, USUAL_DAYS, MOST_DAYS = 30, 90, 3_650  # 90: runbook


@register
class ArchiveMetrics(Operation):
    """Move daily metrics older than a number of days into the archive table.

    Runbook: "Clean Up Stale Data". No migration makes its archive table: run line by line
    the INSERT fails and the DELETE deletes all the same. Each of the two works out the
    cut-off anew, by the session's time zone, and run again the INSERT may meet the rows of
    the first time. Ours fixes one date for all of it, moves each piece wholly or not at
    all, leaves what the archive has already, and makes the table first where it may.
    """

    slug = "archive-metrics"
    title = "Archive daily metrics"
    purpose = "maintenance"
    risk = "dangerous"
    icon = "archive"
    reads = (
        f"{METRICS}.date",
        f"{METRICS}.repository_id",
        "repositories.full_name",
    )
    deletes = (DailyActivityMetric,)
    inserts = {DailyActivityMetricArchive: EVERY_COLUMN}

    class Form(forms.Form):
        """How old."""

        days = forms.IntegerField(
            min_value=LEAST_DAYS,
            max_value=MOST_DAYS,
            initial=USUAL_DAYS,
            label="Older than, in days",
            help_text=f"{LEAST_DAYS} to {MOST_DAYS:,} days, counted by the date in UTC.",
        )

    def usual(self) -> dict[str, Any]:
        return {"days": USUAL_DAYS}

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        today = moment.now.astimezone(UTC).date()
        return {
            "before": today - timedelta(days=params["days"]),
            "archive": bool(table_columns(ARCHIVE)),
        }

    def steps(self, params: dict[str, Any], moment: Moment) -> list[StepSpec]:
        move = "Move into the archive"
        if moment.facts["archive"]:
            return [MoveMetrics(move, _to_move(moment), ARCHIVE)]
        make = Statement("Make the archive table", metrics_archive.made_by_us())
        return [make, MoveMetrics(move, _older(moment), ARCHIVE)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"what is before {_cut_off(moment):%-d %b %Y}"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [_which(moment), _how(), *_there_already(moment), *_makes_it(moment)]

    def proofs(self, run: Run, moment: Moment) -> list[Verdict]:
        name, day = "Nothing is left", f"{_cut_off(moment):%-d %b %Y}"
        if left := _to_move(moment).count():
            sentence = f"{counted(left)} of before {day} written since: plan again."
            return [Verdict(name, Level.WARNING, sentence)]
        return [Verdict(name, Level.OK, f"No row of before {day} is left to move.")]

    @classmethod
    def needs(cls) -> tuple[str, ...]:
        """Without the archive, which need not be there yet: see `obstacles()`."""
        return tuple(need for need in super().needs() if need not in READ_THERE)

    @classmethod
    def obstacles(cls, platform: contract.Contract) -> list[str]:
        return metrics_archive.obstacles(platform, grants=f"{cls.slug}.sql")


def _cut_off(moment: Moment) -> date:
    """Frozen while planning; everything before that day moves."""
    return date.fromisoformat(moment.facts["before"])


def _older(moment: Moment) -> QuerySet[DailyActivityMetric]:
    return DailyActivityMetric.objects.filter(date__lt=_cut_off(moment))


def _archived() -> Exists:
    """Of the same repository and day, whatever its id: UNIQUE (repository_id, date)."""
    same = {name: OuterRef(name) for name in ("repository_id", "date")}
    return Exists(DailyActivityMetricArchive.objects.filter(**same))


def _to_move(moment: Moment) -> QuerySet[DailyActivityMetric]:
    return _older(moment).filter(~_archived())


def _which(moment: Moment) -> Verdict:
    sentence = (
        f"Every day before {_cut_off(moment):%-d %b %Y}, by the rows' own date. The day"
        " stays the same until the run ends, whenever that is."
    )
    return Verdict("Which days", Level.OK, sentence)


def _how() -> Verdict:
    sentence = (
        "Each piece moves wholly or not at all: a row is in one of the two tables, also"
        " when the run is cancelled, and the undo moves back what was moved."
    )
    return Verdict("How they move", Level.OK, sentence)


def _there_already(moment: Moment) -> Iterator[Verdict]:
    if not moment.facts["archive"]:
        return
    if rows := _older(moment).filter(_archived()).count():
        sentence = (
            f"{counted(rows)} of a repository and day that the archive has already. They"
            " stay where they are: compare them before you delete any."
        )
        yield Verdict("In the archive already", Level.WARNING, sentence)


def _makes_it(moment: Moment) -> Iterator[Verdict]:
    if not moment.facts["archive"]:
        sentence = (
            f"The platform has no table {ARCHIVE}. It is made first, with the columns and"
            f" indexes of {METRICS}; an undo empties it and leaves it there."
        )
        yield Verdict("A new table", Level.NOTE, sentence)
