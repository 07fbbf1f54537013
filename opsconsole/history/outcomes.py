"""What became of each repository on each day, noticed between two samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.db.models import QuerySet

from opsconsole.history.models import Outcome, Sample
from opsconsole.platform.db import READ, fetch
from opsconsole.platform.deadline import deadline
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.rules import FAILED

OVERLAP = timedelta(minutes=10)  # a sync may be written that long after its moment
PATIENCE = 40.0  # seconds for all rows; a million at once take half of it
BATCH = 10_000  # rows at a time
DAY = timedelta(days=1)
Rows = WorkspaceTrackedRepository.objects

SEEN = """
INSERT INTO history_outcome AS known (row, newest, day, issues, succeeded, failed)
SELECT row, newest, (newest AT TIME ZONE 'UTC')::date,
       CASE WHEN status = 'success' THEN greatest(fetched, 0) ELSE 0 END,
       (status = 'success')::int, (status <> 'success')::int
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::int[])
     AS seen (row, newest, status, fetched)
ON CONFLICT (row, day) DO UPDATE
SET newest = excluded.newest,
    issues = least(known.issues::bigint + excluded.issues, 2147483647),
    succeeded = known.succeeded + excluded.succeeded,
    failed = known.failed + excluded.failed
WHERE known.newest IS NULL OR known.newest < excluded.newest
"""  # a sync that was counted before is no newer than what is known: it counts once
MISSED = """
INSERT INTO history_outcome (row, day, issues, succeeded, failed)
SELECT row, %s, 0, 0, 0 FROM unnest(%s::uuid[]) AS late (row)
ON CONFLICT (row, day) DO NOTHING
"""
SAMPLED = """
SELECT day::date FROM generate_series(%s::timestamp, %s::timestamp, '1 day') AS day
WHERE EXISTS (
    SELECT FROM history_sample
    WHERE at >= day AT TIME ZONE 'UTC'
        AND at < (day + interval '1 day') AT TIME ZONE 'UTC'
        AND outcomes_until IS NOT NULL
)
"""


@dataclass(frozen=True)
class Day:
    """One day (UTC) of one tracked repository."""

    day: date
    word: str  # success, failed, missed, nothing expected, not over, unknown


def collect(sample: Sample) -> None:
    """Note what happened since the last time, and remember in the sample how far we read.

    Raises DatabaseError when the platform does not answer in time; the next sample reads
    the same rows again, which counts nothing twice.
    """
    last = Sample.objects.exclude(outcomes_until=None).order_by("-at")
    before = last.values_list("outcomes_until", flat=True).first()
    with deadline(PATIENCE):
        until = _platforms_clock()
        since = before - OVERLAP if before else _midnight(until.date())
        for seen in _batches(_synced(since, until)):
            _write(SEEN, [list(column) for column in zip(*seen, strict=True)])
        if before and before.date() < until.date():
            for late in _batches(_late_at_the_end_of(before.date())):
                _write(MISSED, [before.date(), [key for (key,) in late]])
    sample.outcomes_until = until
    sample.save(update_fields=["outcomes_until"])


def days_of(row: UUID, today: date, days: int = 30) -> list[Day]:
    """The last days of one tracked repository, `today` (UTC) last; two queries.

    A day on which nothing was collected is unknown, and so is today as long as nothing
    was seen: what is late is noted when the day is over.
    """
    first = today - (days - 1) * DAY
    outcomes = Outcome.objects.filter(row=row, day__range=(first, today))
    words = {outcome.day: outcome.word for outcome in outcomes}
    with connection.cursor() as cursor:
        cursor.execute(SAMPLED, [first, today])
        sampled = {day for (day,) in cursor.fetchall()}
    each = (first + number * DAY for number in range(days))
    return [
        Day(day, words.get(day, _without_outcome(day, today, sampled))) for day in each
    ]


def _without_outcome(day: date, today: date, sampled: set[date]) -> str:
    if day == today:
        return "not over"
    return "nothing expected" if day in sampled else "unknown"


def _synced(since: datetime, until: datetime) -> QuerySet[Any, Any]:
    """Syncs that ended in that time. One of the future waits until it is past."""
    ended = Rows.filter(last_sync_status__in=["success", FAILED])
    recent = ended.filter(last_sync_at__gt=since, last_sync_at__lte=until)
    return recent.values_list(
        "pk", "last_sync_at", "last_sync_status", "total_issues_fetched"
    )


def _late_at_the_end_of(day: date) -> QuerySet[Any, Any]:
    """Rows that were overdue then and still are: nothing has moved them since."""
    return Rows.overdue(_midnight(day + DAY)).values_list("pk")


def _batches(rows: QuerySet[Any, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows some at a time, by a cursor on the server: there may be a million."""
    statement, params = rows.query.get_compiler(READ).as_sql()
    with connections[READ].chunked_cursor() as cursor:
        cursor.execute(statement, params)
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _write(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _platforms_clock() -> datetime:
    [now] = fetch("SELECT now()")
    return now["now"].astimezone(UTC)  # type: ignore[no-any-return]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
