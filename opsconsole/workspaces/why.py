"""Why a tracked repository is not in step, as one word and one sentence.

The first rule that fits wins, so the word is the one that explains most.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.rules import FAILED, REPEATEDLY, overdue_before

Row = WorkspaceTrackedRepository


class Why(NamedTuple):
    """A word of `web.words.DIAGNOSES`, and what it means in this row."""

    word: str
    sentence: str


class Rule(NamedTuple):
    """A word, when it fits, and its sentence."""

    word: str
    fits: Callable[[Row, datetime], bool]
    sentence: str


RULES = (
    Rule(
        "paused",
        lambda row, now: row.fetch_issues is not True,
        "fetch_issues is off.",
    ),
    Rule(
        "inactive but syncing",
        lambda row, now: row.is_active is False,
        "Switched off where the sync does not look.",
    ),
    Rule(
        "issues disabled",
        lambda row, now: row.tracked_repository.repository.has_issues is False,
        "Off on GitHub: each run skips it.",
    ),
    Rule(
        "failing repeatedly",
        lambda row, now: _failed(row) and (row.sync_attempts or 0) > REPEATEDLY,
        f"More than {REPEATEDLY} attempts.",
    ),
    Rule(
        "failed",
        lambda row, now: _failed(row),
        "Ended in an exception.",
    ),
    Rule(
        "never scheduled",
        lambda row, now: row.next_sync_at is None,
        "No next sync: no run takes it.",
    ),
    Rule(
        "overdue",
        lambda row, now: _next(row) < overdue_before(now),
        "Quiet, or refused by GitHub.",
    ),
    Rule(
        "never synced",
        lambda row, now: row.last_sync_at is None,
        "Not once since it was added.",
    ),
    Rule(
        "due",
        lambda row, now: _next(row) <= now,
        "The next run may take it.",
    ),
    Rule(
        "ok",  # the sync function clears neither on success
        lambda row, now: bool(row.sync_attempts),
        "Attempts and error are old.",
    ),
    Rule("ok", lambda row, now: True, ""),
)


def why(row: Row, now: datetime) -> Why:
    """The first rule that fits; needs the row's repository loaded."""
    rule = next(rule for rule in RULES if rule.fits(row, now))
    return Why(rule.word, rule.sentence)


def _failed(row: Row) -> bool:
    return row.last_sync_status == FAILED


def _next(row: Row) -> datetime:
    """Asked only below the rule for rows without one."""
    assert row.next_sync_at is not None
    return row.next_sync_at
