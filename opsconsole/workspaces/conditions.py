"""The conditions a person looks for among tracked repositories, and how many are in each.

They overlap: a repository that failed may be overdue as well. `why` picks the one word
that matters most for a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet

Rows = WorkspaceTrackedRepositoryQuerySet
LATELY = timedelta(hours=24)  # the window that each scheduled run fetches


@dataclass(frozen=True)
class Condition:
    """A name for addresses, words for people, and which rows are meant."""

    name: str
    title: str
    sentence: str
    rows: Callable[[Rows, datetime], Rows]


CONDITIONS = (
    Condition(
        "failed",
        "Failed",
        "The last sync ended in an exception.",
        lambda rows, now: rows.failed(),
    ),
    Condition(
        "failing_repeatedly",
        "Failing repeatedly",
        "More than three attempts in a row failed.",
        lambda rows, now: rows.failing_repeatedly(),
    ),
    Condition(
        "overdue",
        "Overdue",
        "A schedule should have taken them: quiet, or refused by GitHub.",
        lambda rows, now: rows.overdue(now),
    ),
    Condition(
        "never_scheduled",
        "Never scheduled",
        "Without a next sync, so no run ever takes them.",
        lambda rows, now: rows.never_scheduled(),
    ),
    Condition(
        "due",
        "Due",
        "The next run takes them, as far as its limit reaches.",
        lambda rows, now: rows.due(now),
    ),
    Condition(
        "never_synced",
        "Never synced",
        "New, quiet, or never reached.",
        lambda rows, now: rows.never_synced(),
    ),
    Condition(
        "paused",
        "Paused",
        "Switched off by fetch_issues.",
        lambda rows, now: rows.paused(),
    ),
)
BY_NAME = {condition.name: condition for condition in CONDITIONS}


def how_many(now: datetime) -> dict[str, int]:
    """Rows in each condition, `total` and `synced_lately`, by one scan of the table."""
    rows = WorkspaceTrackedRepository.objects.all()
    counts = {
        condition.name: Count("pk", filter=_where(condition.rows(rows, now)))
        for condition in CONDITIONS
    }
    lately = Q(last_sync_status="success", last_sync_at__gte=now - LATELY)
    found: dict[str, int] = rows.aggregate(
        total=Count("pk"), synced_lately=Count("pk", filter=lately), **counts
    )
    return found


def _where(rows: Rows) -> Q:
    """A queryset's own condition, so that counts and lists cannot drift apart."""
    return rows.query.where  # type: ignore[return-value]
