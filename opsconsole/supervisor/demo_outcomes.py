"""What may have become of each repository on the days of a made-up past."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.rules import FAILED, USUAL_INTERVAL, overdue_before
from opsconsole.sandbox.generator.world import SCHEDULE, Dice

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STUMBLES = 0.03  # of the days on which a sync succeeds another one fails
SHORTEST = 0.25  # of a day: the schedule's period
COPY = "COPY history_outcome (row, day, newest, issues, succeeded, failed) FROM STDIN"
Row = Mapping[str, Any]
Outcome = tuple[Any, ...]  # as COPY names the columns


def write(now: datetime, days: int) -> None:
    """Write the days before today; of today the console itself knows."""
    rows = WorkspaceTrackedRepository.objects.values(
        "pk",
        "fetch_issues",
        "last_sync_at",
        "last_sync_status",
        "next_sync_at",
        "sync_attempts",
        "sync_frequency_hours",
        "total_issues_fetched",
    )
    today, dice = now.astimezone(UTC).date(), Dice("outcomes")
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for row in rows.order_by("pk"):
            for ago in range(days, 0, -1):
                if outcome := _outcome(row, today - ago * DAY, dice):
                    copy.write_row(outcome)


def _outcome(row: Row, day: date, dice: Dice) -> Outcome | None:
    """What the row lets us believe of that day; None for nothing."""
    last = row["last_sync_at"]
    ended = datetime.combine(day + DAY, time(), UTC)
    if last and last >= ended - DAY:
        return _synced(row, day, min(last, ended - HOUR * dice.uniform(0.1, 6)), dice)
    late = row["next_sync_at"] and row["next_sync_at"] < overdue_before(ended)
    return (row["pk"], day, None, 0, 0, 0) if late and row["fetch_issues"] else None


def _synced(row: Row, day: date, newest: datetime, dice: Dice) -> Outcome | None:
    """A day up to the last sync: failures at each schedule, or successes by the interval."""
    age = row["last_sync_at"] - newest
    if row["last_sync_status"] == FAILED and age < row["sync_attempts"] * SCHEDULE:
        return row["pk"], day, newest, 0, 0, min(4, row["sync_attempts"])
    every = (row["sync_frequency_hours"] or USUAL_INTERVAL) / 24  # days
    if every > 1 and age.days % math.ceil(every):
        return None
    succeeded = max(1, round(1 / max(every, SHORTEST)))
    fetched = 1 / max(1, row["total_issues_fetched"] or 0)
    issues = sum(int(dice.expovariate(fetched)) for _ in range(succeeded))
    return row["pk"], day, newest, issues, succeeded, int(dice.chance(STUMBLES))
