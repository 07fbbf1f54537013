"""Why a tracked repository is not in step, as one word and one sentence.

The first rule that fits wins, so the word is the one that explains most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import FAILED, REPEATEDLY, overdue_before
from opsconsole.web.formats import distance

Row = WorkspaceTrackedRepository


@dataclass(frozen=True)
class Why:
    """A word of `web.words.DIAGNOSES`; the sentence is empty when all is well."""

    word: str
    sentence: str


RULES: tuple[
    tuple[str, Callable[[Row, datetime], bool], Callable[[Row, datetime], str]], ...
] = (
    (
        "paused",
        lambda row, now: row.fetch_issues is not True,
        lambda row, now: "fetch_issues is off: no run takes it.",
    ),
    (
        "inactive but syncing",
        lambda row, now: row.is_active is False,
        lambda row, now: "Switched off, but the sync function does not look at that.",
    ),
    (
        "issues disabled",
        lambda row, now: row.tracked_repository.repository.has_issues is False,
        lambda row, now: "Issues are disabled on GitHub: each run skips it.",
    ),
    (
        "failing repeatedly",
        lambda row, now: _failed(row) and (row.sync_attempts or 0) > REPEATEDLY,
        lambda row, now: (
            f"{row.sync_attempts} attempts in a row ended in an exception."
        ),
    ),
    (
        "failed",
        lambda row, now: _failed(row),
        lambda row, now: "The last sync ended in an exception.",
    ),
    (
        "never scheduled",
        lambda row, now: row.next_sync_at is None,
        lambda row, now: "Without a next sync no run takes it.",
    ),
    (
        "overdue",
        lambda row, now: _next(row) < overdue_before(now),
        lambda row, now: (
            f"Due {distance(_next(row), now)}: quiet, or refused by GitHub."
        ),
    ),
    (
        "never synced",
        lambda row, now: row.last_sync_at is None,
        lambda row, now: f"Added {distance(row.added_at, now)}, not synced yet.",
    ),
    (
        "due",
        lambda row, now: _next(row) <= now,
        lambda row, now: (
            "The next scheduled run takes it, as far as its limit reaches."
        ),
    ),
)


def why(row: Row, now: datetime) -> Why:
    """The first rule that fits; needs the row's repository loaded."""
    for word, fits, sentence in RULES:
        if fits(row, now):
            return Why(word, sentence(row, now))
    return Why("ok", "")


def _failed(row: Row) -> bool:
    return row.last_sync_status == FAILED


def _next(row: Row) -> datetime:
    """Asked only below the rule for rows without one."""
    assert row.next_sync_at is not None
    return row.next_sync_at
