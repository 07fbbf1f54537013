"""Force sync all: those that wait longest, wherever they are."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.operations.catalog.force_sync_all import ForceSyncAll
from opsconsole.operations.states import State
from tests import factories
from tests.operations.outside import busy_names

pytestmark = pytest.mark.platform
NOW = datetime.now(UTC)
WTR = "workspace_tracked_repositories"


@pytest.fixture
def by_age(platform_sql):
    """Ids of repositories that were never synced, and 60, 50, 40 h ago; none is due."""
    ages = (None, 60, 50, 40)
    return [
        factories.tracked(
            platform_sql,
            name=name,
            last_sync_at=age and NOW - timedelta(hours=age),
            next_sync_at=NOW + timedelta(hours=5),
        )
        for age, name in zip(ages, busy_names(4), strict=True)
    ]


def test_takes_the_longest_without_a_sync(standin, platform_sql, by_age, plan, applied):
    factories.tracked(platform_sql, last_sync_at=None, fetch_issues=False)

    run = applied(plan("force-sync-all", most=3, dry_run=False))

    assert run.state == State.APPLIED, (run.error, run.verification)
    synced = platform_sql(f"SELECT id FROM {WTR} WHERE last_sync_at > %s", NOW)
    assert {key for (key,) in synced} == {*by_age[:3]}


def test_is_elevated(standin, by_age, plan):
    assert plan("force-sync-all", most=1, dry_run=False).risk == "elevated"


@pytest.mark.parametrize(
    ("given", "ok"), [(0, False), (1, True), (1000, True), (1001, False)]
)
def test_stays_within_an_hours_quota(given, ok):
    assert ForceSyncAll.Form({"most": given}).is_valid() is ok


def test_nothing_to_sync_blocks(standin, platform_sql, plan, verdicts_of):
    assert verdicts_of(plan("force-sync-all", most=5))["Work to do"][0] == "blocking"
