"""Each named condition, with rows on both sides of its border."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.rules import overdue_before
from tests import factories

pytestmark = pytest.mark.platform
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BORDER = timedelta(hours=7)  # the schedule's six hours and an hour of grace
Rows = WorkspaceTrackedRepository.objects


@pytest.fixture
def selected(platform_sql):
    """Which of these rows a condition selects: one row per dictionary of values."""

    def select(condition, *rows):
        keys = [factories.tracked(platform_sql, **row) for row in rows]
        found = set(condition.values_list("pk", flat=True))
        return [key in found for key in keys]

    return select


def test_overdue_leaves_the_schedule_its_period_and_an_hour():
    assert overdue_before(NOW) == NOW - BORDER


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (None, True), (False, False)]
)
def test_active_means_not_switched_off(selected, value, expected):
    assert selected(Rows.active(), {"is_active": value}) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (None, False), (False, False)]
)
def test_syncing_is_what_the_function_takes(selected, value, expected):
    row = {"fetch_issues": value, "is_active": False}

    assert selected(Rows.syncing(), row) == [expected]


def test_paused_is_said_aloud(selected):
    rows = [{"fetch_issues": value} for value in (False, True, None)]

    assert selected(Rows.paused(), *rows) == [True, False, False]


def test_failed(selected):
    rows = [
        {"last_sync_status": word} for word in ("failed", "success", "partial", None)
    ]

    assert selected(Rows.failed(), *rows) == [True, False, False, False]


def test_failing_repeatedly_is_more_than_three_attempts(selected):
    rows = [
        {"last_sync_status": "failed", "sync_attempts": 4},
        {"last_sync_status": "failed", "sync_attempts": 3},
        {"last_sync_status": "failed", "sync_attempts": None},
        {"last_sync_status": "success", "sync_attempts": 9},
    ]

    assert selected(Rows.failing_repeatedly(), *rows) == [True, False, False, False]


def test_due_is_from_that_very_moment_on(selected):
    rows = [
        {"next_sync_at": NOW},
        {"next_sync_at": NOW + TICK},
        {"next_sync_at": None},
        {"next_sync_at": NOW, "fetch_issues": False},
        {"next_sync_at": NOW, "is_active": False},
    ]

    assert selected(Rows.due(NOW), *rows) == [True, False, False, False, True]


def test_overdue_is_longer_ago_than_one_schedule_and_its_grace(selected):
    rows = [
        {"next_sync_at": NOW - BORDER - TICK},
        {"next_sync_at": NOW - BORDER},
        {"next_sync_at": None},
        {"next_sync_at": NOW - BORDER - TICK, "fetch_issues": False},
    ]

    assert selected(Rows.overdue(NOW), *rows) == [True, False, False, False]


def test_never_scheduled_and_never_synced_are_two_things(selected):
    rows = [
        {"next_sync_at": None, "last_sync_at": NOW},
        {"next_sync_at": NOW, "last_sync_at": None},
        {"next_sync_at": None, "last_sync_at": None, "fetch_issues": False},
    ]

    assert selected(Rows.never_scheduled(), *rows) == [True, False, False]
    assert selected(Rows.never_synced(), *rows)[-3:] == [False, True, True]


def test_in_tiers_and_of_workspace(platform_sql):
    pro = factories.workspace(platform_sql, tier="pro")
    free = factories.workspace(platform_sql, tier="free")
    mine = factories.tracked(platform_sql, pro)
    other = factories.tracked(platform_sql, free)

    assert [row.pk for row in Rows.in_tiers(["pro", "team"])] == [mine]
    assert [row.pk for row in Rows.of_workspace(free)] == [other]
    assert not Rows.in_tiers([]).exists()


def test_described_names_repository_workspace_and_tier(platform_sql):
    workspace = factories.workspace(platform_sql, name="Northwind", tier="team")
    factories.tracked(platform_sql, workspace, name="acme/rockets")

    row = Rows.described().get()

    named = (row.row_label, row.row_workspace, row.row_tier)
    assert named == ("acme/rockets", "Northwind", "team")


class TestWorkspaces:
    def test_that_are_active_are_not_deleted(self, platform_sql):
        values = (True, None, False)
        keys = [factories.workspace(platform_sql, is_active=value) for value in values]

        assert set(Workspace.objects.active().values_list("pk", flat=True)) == set(
            keys[:2]
        )

    @pytest.mark.parametrize("text", ["north", "NORTH", "wind-team", "rock", "acme/"])
    def test_match_by_name_slug_or_repository(self, platform_sql, text):
        key = factories.workspace(platform_sql, name="Northwind", slug="nwind-team")
        factories.workspace(platform_sql)
        for name in ("acme/rockets", "acme/rocks"):  # two hits are still one workspace
            factories.insert(
                platform_sql,
                "workspace_repositories",
                workspace_id=key,
                repository_id=factories.repository(platform_sql, full_name=name),
            )

        assert [row.pk for row in Workspace.objects.matching(text)] == [key]

    def test_match_the_letters_and_no_pattern(self, platform_sql):
        factories.workspace(platform_sql)

        assert not Workspace.objects.matching("%").exists()
        assert not Workspace.objects.matching("_").exists()
