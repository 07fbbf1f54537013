"""What a diagnosis means in this very row: since when, how often, and what comes next.

The word itself is worked out in SQL, by `platform.diagnosis`; nothing here decides it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from opsconsole.platform.diagnosis import BY_WORD
from opsconsole.web.formats import distance, number, relative

Row = Any  # of rows.load


def sentence(row: Row, now: datetime) -> str:
    """The row's specifics, without a full stop; the word's own sentence without any."""
    return SENTENCES[row.word](row, now) or BY_WORD[row.word].sentence


def _synced(row: Row, now: datetime) -> str:
    if row.last_sync_at is None:
        return "never synced"
    return f"last sync {relative(row.last_sync_at, now)}"


def _due(row: Row, now: datetime) -> str:
    """`due since 3 d`, `due now`; empty for a row that is not due."""
    if row.next_sync_at is None or row.next_sync_at > now:
        return ""
    span = distance(row.next_sync_at, now)
    return "due now" if span == "now" else f"due since {span.removesuffix(' ago')}"


def _next(row: Row, now: datetime, what: str) -> str:
    """`next sync in 5 h`, `next try due since 3 d`; empty without a next one."""
    if row.next_sync_at is None:
        return ""
    return f"{what} {_due(row, now) or relative(row.next_sync_at, now)}"


def _attempts(row: Row, now: datetime) -> str:
    """What failed is tried again at every schedule once it is due."""
    count = row.sync_attempts or 0
    counted = "1 attempt" if count == 1 else f"{number(count)} attempts"
    return f"{counted}, {_next(row, now, 'next try') or 'no next try'}"


def _refused(row: Row, now: datetime) -> str:
    """What the newest response says of it."""
    if row.refusal is None:
        return ""
    when = f"refused {relative(row.refusal.at, now)}"
    return f"{when}: {row.refusal.error}" if row.refusal.error else when


def _waiting(row: Row, now: datetime) -> str:
    priority = "not set" if row.priority_score is None else row.priority_score
    return ", ".join(filter(None, (_due(row, now), f"priority {priority}")))


def _new(row: Row, now: datetime) -> str:
    expected = _due(row, now) or _next(row, now, "first sync")
    return ", ".join(filter(None, (f"added {relative(row.added_at, now)}", expected)))


SENTENCES: dict[str, Callable[[Row, datetime], str]] = {
    "paused": lambda row, now: f"fetch_issues is off, {_synced(row, now)}",
    "inactive but syncing": lambda row, now: f"is_active is off, {_synced(row, now)}",
    "issues disabled": lambda row, now: f"issues are off, {_synced(row, now)}",
    "failing repeatedly": _attempts,
    "failed": _attempts,
    "refused": _refused,
    "never scheduled": lambda row, now: f"no next sync, {_synced(row, now)}",
    "starved": _waiting,
    "overdue": _due,
    "never synced": _new,
    "due": _due,
    "ok": lambda row, now: _next(row, now, "next sync"),
}
