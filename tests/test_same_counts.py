"""One number for each word and flag, wherever it is read."""

import json
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from opsconsole.history import samples
from opsconsole.history.circumstances import circumstances
from opsconsole.platform import flags
from opsconsole.platform.diagnosis import WORDS
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests import factories

pytestmark = pytest.mark.platform
NOW = timezone.now()
Rows = WorkspaceTrackedRepository.objects


def hours(count):
    """From now on."""
    return NOW + timedelta(hours=count)


WELL = {"last_sync_at": hours(-1), "next_sync_at": hours(5)}
ROWS = {
    "paused": [{"fetch_issues": False}] * 2,
    "inactive but syncing": [{"is_active": False}],
    "issues disabled": [{}],
    "failing repeatedly": [{"last_sync_status": "failed", "sync_attempts": 4}] * 3,
    "failed": [{"last_sync_status": "failed", "sync_attempts": 1}] * 2,
    "refused": [{}],
    "never scheduled": [{"next_sync_at": None}],
    "starved": [{"next_sync_at": hours(-9), "priority_score": 1}] * 2,
    "overdue": [{"next_sync_at": hours(-8), "priority_score": 99}],
    "never synced": [{"last_sync_at": None}],
    "due": [{"next_sync_at": hours(-2), "priority_score": 0}] * 2,
    "ok": [
        {},
        {"sync_attempts": 2},
        {"last_sync_at": hours(-30)},
        {"sync_frequency_hours": 5},
        {"last_sync_error": "left over", "sync_frequency_hours": 1},
    ],
}
FLAGGED = {
    "stale error": 2,
    "coverage gap": 1,
    "interval below the schedule": 2,
    "duplicate": 2,
}


@pytest.fixture
def platform(platform_sql, settings):
    """A row for every word, one for every flag, and one sample of them."""
    settings.SCHEDULE_SLOTS = 1
    platform_sql("SET session_replication_role = replica")
    for word, rows in ROWS.items():
        for place, values in enumerate(rows):
            name = f"{word.replace(' ', '-')}/{place}"
            factories.tracked(platform_sql, name=name, **(WELL | values))
    platform_sql(
        "UPDATE repositories SET has_issues = false WHERE owner = 'issues-disabled'"
    )
    [(shared,)] = platform_sql(  # one repository in two workspaces: both are duplicates
        "SELECT t.id FROM tracked_repositories AS t JOIN repositories AS r"
        " ON r.id = t.repository_id WHERE r.full_name = 'ok/0'"
    )
    factories.insert(
        platform_sql,
        "workspace_tracked_repositories",
        workspace_id=factories.workspace(platform_sql),
        tracked_repository_id=shared,
        added_by=uuid4(),
        **WELL,
    )
    refuse("refused/0")
    return samples.take()


def refuse(name):
    """The newest response of the sync function names it with an error."""
    from opsconsole.history.models import FunctionResponse, RepositoryResult

    response = FunctionResponse.objects.create(
        at=NOW, took=timedelta(0), limit=1, hours_back=24, dry_run=False
    )
    RepositoryResult.objects.create(
        response=response, at=NOW, repository=name, success=False, error="403"
    )


def expected():
    words = {word: len(rows) for word, rows in ROWS.items()}
    words["ok"] += 1  # the second workspace of ok/0
    return words


def of_page(client, address):
    context = client.get(address).context
    figures = (*context["words"], *context["flags"])
    return {figure.word: figure.rows for figure in figures}


def of_lists(client, words):
    """The lists of the health page, one for each word or flag."""
    field = dict.fromkeys(WORDS, "word") | dict.fromkeys(flags.WORDS, "flag")
    return {
        word: client.get("/workspaces/health/", {field[word]: word})
        .context["table"]
        .page.paginator.count
        for word in words
    }


def of_the_terminal(*options):
    out = StringIO()
    call_command("diagnose", "--json", *options, stdout=out)
    told = json.loads(out.getvalue())
    return told["words"] | told["flags"]


def test_stand_everywhere(platform, viewer, client_of):
    client, wanted = client_of(viewer), expected() | FLAGGED
    known = circumstances(timezone.now())

    found = {
        "sample": {word: platform.word_count(word) for word in WORDS}
        | {flag: platform.flag_count(flag) for flag in flags.WORDS},
        "overview": of_page(client, "/"),
        "health": of_page(client, "/workspaces/health/"),
        "lists": of_lists(client, wanted),
        "rows": {word: Rows.with_word(word, known).count() for word in WORDS}
        | {flag: Rows.with_flag(flag, known).count() for flag in flags.WORDS},
        "terminal": of_the_terminal(),
        "terminal, sampled": of_the_terminal("--sampled"),
    }

    for place, counts in found.items():
        assert counts == wanted, place


def test_every_word_and_flag_is_there(platform):
    assert set(ROWS) == set(WORDS)
    assert set(FLAGGED) == set(flags.WORDS)
    assert all(platform.word_count(word) for word in WORDS)
    assert platform.total == sum(expected().values()) == Rows.count()
