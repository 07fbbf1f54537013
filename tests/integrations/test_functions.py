"""The sync function through its gateway: what it says, and each way in which it fails."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from opsconsole.integrations import errors, functions
from tests import factories

pytestmark = pytest.mark.platform
BUSY = "acme/dashboard"  # many issues a day
DUE = datetime(2026, 1, 2, tzinfo=UTC)
SYNC = "POST /functions/*"
UNNAMED = {"body": {}, "headers": {"sb-error-code": ""}}


def statuses(sql):
    return [
        status
        for (status,) in sql(
            "SELECT last_sync_status FROM workspace_tracked_repositories"
            " ORDER BY priority_score DESC"
        )
    ]


@pytest.fixture
def due(platform_sql):
    """A repository that is due and was never synced."""

    def make(name=BUSY, **values):
        values = {"last_sync_status": None, "next_sync_at": DUE, **values}
        return factories.tracked(platform_sql, name=name, **values)

    return make


def test_a_sync_tells_what_it_did(sync_client, platform_sql, due):
    due()

    told = functions.sync(sync_client, hours_back=240, limit=5)

    [result] = told.results
    assert (result.repository, result.success, result.tier) == (BUSY, True, "free")
    assert result.synced == result.found > 0
    assert told.calls >= 1
    assert told.body["results"][0]["repository"] == BUSY
    assert (told.receipt.status, told.receipt.request_id[:8]) == (200, "sandbox-")
    assert statuses(platform_sql) == ["success"]


def test_nothing_was_due(sync_client, databases):
    told = functions.sync(sync_client)

    assert told.message == "No workspace repositories need issues sync"
    assert (told.calls, told.results) == (None, ())


def test_what_github_refused_stands_in_the_results(sync_client, due, faults):
    due()
    faults(repository=BUSY, fault="403")

    [result] = functions.sync(sync_client).failed

    assert result.error == "GitHub API returned 403"
    assert (result.found, result.workspace) == (None, None)


def test_a_dry_run_writes_nothing(sync_client, platform_sql, due):
    due()

    told = functions.sync(sync_client, hours_back=240, dry_run=True)

    assert told.results[0].found > 0
    assert statuses(platform_sql) == [None]


def test_one_workspace_alone(sync_client, due):
    due()
    assert functions.sync(sync_client, workspace=uuid4()).results == ()


def test_the_function_was_removed(sync_client, standin):
    standin.management.delete(None, "workspace-issues-sync")

    with pytest.raises(errors.NotFound, match="is not there") as caught:
        functions.sync(sync_client)
    assert caught.value.code == "NOT_FOUND"


@pytest.mark.parametrize("key", ["wrong", "sb_secret_0123456789abcdef"])
def test_a_wrong_key_names_its_variable(standin, settings, key):
    settings.SUPABASE_KEY = key

    with pytest.raises(errors.WrongToken, match="OPSCONSOLE_SUPABASE_KEY"):
        functions.sync(functions.client())


@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        ({"status": 404, **UNNAMED}, errors.NotFound, "hides it from this token"),
        ({"status": 429, "headers": {"retry-after": "7"}}, errors.QuotaSpent, "until"),
        ({"status": 500}, errors.NoAnswer, "unknown"),
        ({"status": 503}, errors.Unavailable, "BOOT_ERROR"),
        ({"status": 503, **UNNAMED}, errors.Unavailable, "status.supabase.com"),
        ({"status": 504}, errors.NoAnswer, "took too long"),
        ({"status": 546}, errors.NoAnswer, "used up what it may"),
        ({"lost": True}, errors.NoAnswer, "unknown"),
    ],
)
def test_each_fault_is_told_apart(sync_client, faults, fault, expected, words):
    faults(endpoint=SYNC, **fault)

    with pytest.raises(expected, match=words):
        functions.sync(sync_client)


def test_it_names_why_it_failed_itself(sync_client, faults):
    reason = "Failed to fetch workspace repositories: timeout"
    faults(endpoint=SYNC, status=500, body={"error": reason, "success": False})

    with pytest.raises(errors.Refused, match=reason):
        functions.sync(sync_client)


@pytest.mark.parametrize("status", [504, 546])
def test_when_it_is_cut_off_half_of_the_work_is_done(
    sync_client, platform_sql, due, faults, status
):
    for priority in (90, 80, 70, 60):
        due(f"acme/dashboard-{priority}", priority_score=priority)
    faults(endpoint=SYNC, status=status, done="half")

    with pytest.raises(errors.NoAnswer):
        functions.sync(sync_client, hours_back=2_400)

    assert statuses(platform_sql)[2:] == [None, None]
    assert statuses(platform_sql)[0] == "success"


def test_it_takes_too_long_and_goes_on(standin, platform_sql, due, faults):
    due()
    faults(endpoint=SYNC, lost=True, done="all")

    with pytest.raises(errors.NoAnswer):
        functions.sync(functions.client(timeout=5.0), hours_back=240)
    assert statuses(platform_sql) == ["success"]


@pytest.mark.parametrize(
    "body",
    [
        {"synced": 0},
        {"message": "x", "results": {}},
        {"message": "x", "results": [{"repository": "a/b"}]},
        {"message": "x", "results": [], "totalApiCalls": "3"},
    ],
)
def test_an_answer_it_never_gave_is_a_sentence(sync_client, faults, body):
    faults(endpoint=SYNC, status=200, body=body)

    with pytest.raises(errors.NotUnderstood):
        functions.sync(sync_client)


def test_it_says_what_is_not_configured(settings):
    settings.SUPABASE_URL = settings.SUPABASE_KEY = ""

    assert not functions.configured()
    names = "OPSCONSOLE_SUPABASE_URL and OPSCONSOLE_SUPABASE_KEY"
    with pytest.raises(errors.NotConfigured, match=names):
        functions.client()
