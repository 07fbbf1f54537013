"""What a word means in one row, as a sentence."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from opsconsole.platform.diagnosis import BY_WORD, WORDS
from opsconsole.workspaces.repositories.why import SENTENCES, sentence

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def ago(**distance):
    return NOW - timedelta(**distance)


def row(word, **values):
    """A row as `rows.load` gives it."""
    usual = {
        "added_at": ago(days=9),
        "last_sync_at": ago(hours=2),
        "next_sync_at": ago(days=3),
        "priority_score": 50,
        "sync_attempts": 4,
        "refusal": None,
    }
    return SimpleNamespace(word=word, **(usual | values))


def refusal(error):
    return SimpleNamespace(at=ago(hours=2), error=error)


@pytest.mark.parametrize(
    ("word", "values", "said"),
    [
        ("paused", {}, "fetch_issues is off, last sync 2 h ago"),
        ("paused", {"last_sync_at": None}, "fetch_issues is off, never synced"),
        ("inactive but syncing", {}, "is_active is off, last sync 2 h ago"),
        ("issues disabled", {}, "issues are off, last sync 2 h ago"),
        ("failed", {}, "4 attempts, next try due since 3 d"),
        ("failed", {"sync_attempts": 1}, "1 attempt, next try due since 3 d"),
        ("failed", {"sync_attempts": None, "next_sync_at": None}, "0 attempts, no next try"),
        ("failing repeatedly", {"next_sync_at": ago(hours=-5)}, "4 attempts, next try in 5 h"),
        ("refused", {"refusal": refusal("GitHub API returned 404")},
         "refused 2 h ago: GitHub API returned 404"),
        ("refused", {"refusal": refusal("")}, "refused 2 h ago"),
        ("refused", {}, BY_WORD["refused"].sentence),
        ("never scheduled", {}, "no next sync, last sync 2 h ago"),
        ("starved", {}, "due since 3 d, priority 50"),
        ("starved", {"priority_score": None}, "due since 3 d, priority not set"),
        ("overdue", {}, "due since 3 d"),
        ("never synced", {}, "added 9 d ago, due since 3 d"),
        ("never synced", {"next_sync_at": ago(hours=-1)}, "added 9 d ago, first sync in 1 h"),
        ("never synced", {"next_sync_at": NOW}, "added 9 d ago, due now"),
        ("due", {"next_sync_at": ago(minutes=20)}, "due since 20 min"),
        ("due", {"next_sync_at": NOW}, "due now"),
        ("ok", {"next_sync_at": ago(hours=-5)}, "next sync in 5 h"),
        ("ok", {"next_sync_at": ago(days=-90)}, "next sync 30 Jul 2026"),
    ],
)  # fmt: skip
def test_sentence(word, values, said):
    assert sentence(row(word, **values), NOW) == said


@pytest.mark.parametrize("word", WORDS)
def test_copes_with_nothing_but_nulls(word):
    bare = row(
        word,
        last_sync_at=None,
        next_sync_at=None,
        priority_score=None,
        sync_attempts=None,
    )

    assert sentence(bare, NOW)


def test_each_word_has_one():
    assert tuple(SENTENCES) == WORDS
