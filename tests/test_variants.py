"""Platforms that differ from what we expect: the console says so and does the rest."""

import pytest

from opsconsole.operations.models import Run
from opsconsole.platform import contract
from tests import factories

pytestmark = pytest.mark.platform
PAGES = [
    "/",
    "/workspaces/",
    "/workspaces/health/",
    "/operations/",
    "/operations/runs/",
    "/operations/reset-failed-sync/plan/",
    "/operations/set-interval/plan/?matching=word%3Dfailed",
    "/audit/",
    "/contract/",
]
WTR = "workspace_tracked_repositories"
UNKNOWN = [f"unknown_{n}" for n in range(58)]
VARIANTS = {
    "58 unknown tables": (
        ";".join(f"CREATE TABLE {name} (id int)" for name in UNKNOWN),
        ";".join(f"DROP TABLE {name}" for name in UNKNOWN),
        "The platform looks as we expect.",
    ),
    "an optional table missing": (
        "ALTER TABLE daily_activity_metrics RENAME TO gone",
        "ALTER TABLE gone RENAME TO daily_activity_metrics",
        "daily_activity_metrics",
    ),
    "a table missing": (
        "ALTER TABLE repositories RENAME TO gone",
        "ALTER TABLE gone RENAME TO repositories",
        "repositories",
    ),
    "a column missing": (
        "ALTER TABLE workspaces RENAME COLUMN max_repositories TO gone",
        "ALTER TABLE workspaces RENAME COLUMN gone TO max_repositories",
        "max_repositories",
    ),
    "a column that Reset writes missing": (
        f"ALTER TABLE {WTR} RENAME COLUMN sync_attempts TO gone",
        f"ALTER TABLE {WTR} RENAME COLUMN gone TO sync_attempts",
        "sync_attempts",
    ),
    "intervals of 1 to 72 hours": (
        f"ALTER TABLE {WTR} DROP CONSTRAINT {WTR}_sync_frequency_hours_check;"
        f" ALTER TABLE {WTR} ADD CONSTRAINT narrow CHECK (sync_frequency_hours BETWEEN 1 AND 72)",
        f"ALTER TABLE {WTR} DROP CONSTRAINT narrow; ALTER TABLE {WTR} ADD CONSTRAINT"
        f" {WTR}_sync_frequency_hours_check CHECK (sync_frequency_hours >= 1 AND sync_frequency_hours <= 168)",
        "1 to 72 hours",
    ),
    "an extra tier": (
        "ALTER TABLE workspaces DROP CONSTRAINT workspaces_tier_check; ALTER TABLE workspaces"
        " ADD CONSTRAINT workspaces_tier_check CHECK (tier IN ('free', 'pro', 'team', 'galaxy'))",
        "ALTER TABLE workspaces DROP CONSTRAINT workspaces_tier_check; ALTER TABLE workspaces"
        " ADD CONSTRAINT workspaces_tier_check CHECK (tier IN ('free', 'pro', 'team'))",
        "galaxy",
    ),
    "row security that hides everything": (
        "ALTER ROLE opsconsole_reader NOBYPASSRLS",
        "ALTER ROLE opsconsole_reader BYPASSRLS",
        "row",
    ),
    "a write role without one grant": (
        f"REVOKE UPDATE (last_sync_error) ON {WTR} FROM opsconsole_writer",
        f"GRANT UPDATE (last_sync_error) ON {WTR} TO opsconsole_writer",
        "last_sync_error",
    ),
}
SWITCHED_OFF = {
    "a table missing",
    "a column that Reset writes missing",
    "row security that hides everything",
    "a write role without one grant",
}  # variants in which Reset failed sync cannot work


@pytest.fixture(params=VARIANTS)
def variant(request, platform_sql):
    key = factories.failed(platform_sql)
    change, back, sentence = VARIANTS[request.param]
    platform_sql(change)
    contract.forget()
    yield request.param, sentence, key
    platform_sql(back)


def test_every_page_answers(variant, operator, client_of):
    client = client_of(operator)

    answers = {address: client.get(address).status_code for address in PAGES}

    assert set(answers.values()) == {200}, answers


def test_contract_page_says_what_is_different(variant, operator, client_of):
    _, sentence, _ = variant

    assert sentence in client_of(operator).get("/contract/").text


def test_reset_works_or_says_why_not(variant, operator, client_of):
    name, _, key = variant

    response = client_of(operator).post(
        "/operations/reset-failed-sync/plan/", {"repositories": [str(key)]}
    )

    if name in SWITCHED_OFF:
        assert response.status_code == 400
        assert "Switched off" in response.text
        assert not Run.objects.exists()
    else:
        assert Run.objects.get().rows_planned == 1
