"""One word for a row: the first that fits."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.platform.models import (
    Repository,
    TrackedRepository,
    WorkspaceTrackedRepository,
)
from opsconsole.web.words import DIAGNOSES
from opsconsole.workspaces.why import RULES, why

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SCHEDULE = timedelta(hours=7)  # one period of six hours and the grace


def row(**values):
    """A row that is well, unless told."""
    healthy = {
        "fetch_issues": True,
        "is_active": True,
        "last_sync_at": NOW - timedelta(hours=1),
        "last_sync_status": "success",
        "next_sync_at": NOW + timedelta(hours=23),
        "sync_attempts": 0,
    }
    repository = Repository(has_issues=values.pop("has_issues", True))
    tracked = TrackedRepository(repository=repository)
    return WorkspaceTrackedRepository(tracked_repository=tracked, **(healthy | values))


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "ok"),
        ({"sync_attempts": None}, "ok"),
        ({"fetch_issues": False}, "paused"),
        ({"fetch_issues": None}, "paused"),
        ({"fetch_issues": False, "is_active": False}, "paused"),
        ({"fetch_issues": False, "last_sync_status": "failed"}, "paused"),
        ({"is_active": False}, "inactive but syncing"),
        ({"is_active": None}, "ok"),
        ({"is_active": False, "last_sync_status": "failed"}, "inactive but syncing"),
        ({"has_issues": False}, "issues disabled"),
        ({"has_issues": None}, "ok"),
        ({"last_sync_status": "failed", "sync_attempts": 4}, "failing repeatedly"),
        ({"last_sync_status": "failed", "sync_attempts": 3}, "failed"),
        ({"last_sync_status": "failed", "sync_attempts": None}, "failed"),
        ({"next_sync_at": None}, "never scheduled"),
        ({"next_sync_at": NOW - SCHEDULE - timedelta(seconds=1)}, "overdue"),
        ({"next_sync_at": NOW - SCHEDULE}, "due"),
        ({"next_sync_at": NOW}, "due"),
        ({"next_sync_at": NOW + timedelta(seconds=1)}, "ok"),
        ({"last_sync_at": None, "next_sync_at": NOW}, "never synced"),
        ({"last_sync_at": None, "next_sync_at": NOW - 2 * SCHEDULE}, "overdue"),
    ],
)
def test_word(values, word):
    assert why(row(**values), NOW).word == word


def test_says_that_attempts_of_a_success_are_old():
    assert "old" in why(row(sync_attempts=2), NOW).sentence
    assert why(row(), NOW).sentence == ""


def test_words_have_a_look():
    assert {rule.word for rule in RULES} <= set(DIAGNOSES)
