"""Syncs of a day: each counted once, on its day, and days on which nobody looked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import OperationalError, connections

from opsconsole.history import outcomes
from opsconsole.history.models import Outcome, Sample

pytestmark = pytest.mark.platform
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY = timedelta(days=1)
TODAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
NOON = MIDNIGHT + 12 * HOUR


@pytest.fixture
def at(monkeypatch, databases):
    """Collect with a sample of that moment, by the platform's clock."""

    def collect(moment):
        monkeypatch.setattr(outcomes, "_platforms_clock", lambda: moment)
        sample = Sample.objects.create(at=moment, took=HOUR)
        outcomes.collect(sample)
        return sample

    return collect


@pytest.fixture
def synced(platform_sql):
    """What the sync function writes for a row."""

    def write(row, moment, *, status="success", issues=5):
        platform_sql(
            "UPDATE workspace_tracked_repositories SET last_sync_at = %s,"
            " next_sync_at = CASE WHEN %s = 'success' THEN %s + interval '1 day'"
            " ELSE next_sync_at END, last_sync_status = %s, total_issues_fetched = %s"
            " WHERE id = %s",
            moment,
            status,
            moment,
            status,
            issues,
            row,
        )

    return write


@pytest.fixture
def row(make):
    """A row that was synced long ago and is not due for a long time."""
    return make.tracked(next_sync_at=NOON + 30 * DAY)


def counted(row):
    """Day -> succeeded, failed, issues."""
    found = Outcome.objects.filter(row=row).order_by("day")
    return {o.day: (o.succeeded, o.failed, o.issues) for o in found}


def words(row, today=TODAY, days=3):
    return [day.word for day in outcomes.days_of(row, today, days)]


class TestSyncs:
    def test_the_first_time_looks_back_to_midnight(self, at, row, make, synced):
        yesterday = make.tracked(last_sync_at=MIDNIGHT - MINUTE)
        synced(row, MIDNIGHT + MINUTE)

        sample = at(NOON)

        assert counted(row) == {TODAY: (1, 0, 5)}
        assert counted(yesterday) == {}
        assert sample.outcomes_until == NOON

    def test_several_a_day_add_up(self, at, row, synced):
        at(NOON)
        for minutes, status in ((1, "success"), (3, "failed"), (5, "success")):
            synced(row, NOON + minutes * MINUTE, status=status)
            at(NOON + (minutes + 1) * MINUTE)

        assert counted(row) == {TODAY: (2, 1, 10)}
        assert words(row)[-1] == "success"

    def test_one_is_counted_once_however_often_it_is_read(self, at, row, synced):
        synced(row, NOON)

        for minutes in range(5):
            at(NOON + minutes * MINUTE)

        assert counted(row) == {TODAY: (1, 0, 5)}

    def test_one_that_was_written_late_is_not_lost(self, at, row, synced):
        """The function takes the moment first and commits some time after."""
        at(NOON)
        synced(row, NOON - MINUTE)
        at(NOON + 5 * MINUTE)

        assert counted(row) == {TODAY: (1, 0, 5)}

    def test_two_collectors_count_once(self, at, row, synced, monkeypatch):
        at(NOON)
        synced(row, NOON + MINUTE)
        both = [Sample.objects.create(at=NOON + n * MINUTE, took=HOUR) for n in (2, 3)]
        monkeypatch.setattr(outcomes, "_platforms_clock", lambda: NOON + 3 * MINUTE)

        def collect(sample):
            outcomes.collect(sample)
            connections.close_all()

        with ThreadPoolExecutor() as pool:
            list(pool.map(collect, both))

        assert counted(row) == {TODAY: (1, 0, 5)}

    def test_after_a_failure_the_next_one_reads_further_back(
        self, at, row, synced, monkeypatch
    ):
        at(NOON)
        synced(row, NOON + MINUTE)
        with monkeypatch.context() as broken:
            broken.setattr(outcomes, "PATIENCE", 0.0)
            with pytest.raises(OperationalError):
                at(NOON + 2 * MINUTE)

        at(NOON + HOUR)

        assert counted(row) == {TODAY: (1, 0, 5)}

    def test_a_reset_is_no_sync(self, at, row, synced, platform_sql):
        synced(row, NOON, status="failed")
        at(NOON + MINUTE)
        platform_sql(
            "UPDATE workspace_tracked_repositories SET last_sync_status = NULL"
        )
        at(NOON + 2 * MINUTE)
        synced(row, NOON, status="failed")  # the reset was undone
        at(NOON + 3 * MINUTE)

        assert counted(row) == {TODAY: (0, 1, 0)}

    def test_days_are_those_of_utc(self, at, row, make, synced):
        other = make.tracked(next_sync_at=NOON + 30 * DAY)
        at(MIDNIGHT - HOUR)
        synced(row, MIDNIGHT - timedelta(microseconds=1))
        synced(other, MIDNIGHT)

        at(MIDNIGHT + MINUTE)

        assert counted(row) == {TODAY - DAY: (1, 0, 5)}
        assert counted(other) == {TODAY: (1, 0, 5)}

    def test_one_of_the_future_waits(self, at, row, synced):
        synced(row, NOON + HOUR)

        at(NOON)
        assert counted(row) == {}
        at(NOON + 2 * HOUR)
        assert counted(row) == {TODAY: (1, 0, 5)}

    @pytest.mark.parametrize("issues", [None, 0, -7])
    def test_strange_numbers_of_issues(self, at, row, synced, issues):
        synced(row, NOON, issues=issues)

        at(NOON)

        assert counted(row) == {TODAY: (1, 0, 0)}

    def test_numbers_that_outgrow_the_column(self, at, row, synced):
        for minutes in (0, 1):
            synced(row, NOON + minutes * MINUTE, issues=2**31 - 1)
            at(NOON + minutes * MINUTE)

        assert counted(row) == {TODAY: (2, 0, 2**31 - 1)}

    def test_infinity_stops_nothing(self, at, row, make, platform_sql, synced):
        hostile = make.tracked(last_sync_at="infinity", next_sync_at="-infinity")
        synced(row, NOON)

        at(NOON)
        at(NOON + DAY)

        assert counted(row)[TODAY] == (1, 0, 5)
        assert counted(hostile) == {TODAY: (0, 0, 0)}

    def test_many_rows_go_in_batches(self, at, make, synced, monkeypatch):
        monkeypatch.setattr(outcomes, "BATCH", 2)
        workspace = make.workspace()
        rows = [make.tracked(workspace, last_sync_at=NOON) for _ in range(5)]

        at(NOON)

        assert {outcome.row for outcome in Outcome.objects.all()} == set(rows)


class TestMissed:
    @pytest.fixture
    def late(self, make):
        """A row that should have been taken early in the day."""
        return make.tracked(next_sync_at=MIDNIGHT + HOUR)

    def test_overdue_at_the_end_of_the_day(self, at, late):
        at(NOON)
        assert counted(late) == {}

        at(MIDNIGHT + DAY)

        assert counted(late) == {TODAY: (0, 0, 0)}
        assert words(late) == ["unknown", "unknown", "missed"]

    def test_not_where_something_was_seen(self, at, late, synced):
        at(NOON)
        synced(late, NOON + MINUTE, status="failed")

        at(MIDNIGHT + DAY)

        assert words(late)[-1] == "failed"

    def test_a_success_after_midnight_is_another_days(self, at, make, synced):
        """Nothing tells any more that it was overdue then."""
        row = make.tracked(next_sync_at=MIDNIGHT + HOUR)
        at(NOON)
        synced(row, MIDNIGHT + DAY + MINUTE)

        at(MIDNIGHT + DAY + 2 * MINUTE)

        assert counted(row) == {TODAY + DAY: (1, 0, 5)}

    @pytest.mark.parametrize(
        ("values", "missed"),
        [
            ({"next_sync_at": MIDNIGHT + 17 * HOUR - MINUTE}, True),
            ({"next_sync_at": MIDNIGHT + 17 * HOUR}, False),
            ({"next_sync_at": None}, False),
            ({"fetch_issues": False}, False),
            ({"is_active": False}, True),
        ],
    )
    def test_what_the_schedule_should_have_taken(self, at, make, values, missed):
        row = make.tracked(**({"next_sync_at": MIDNIGHT} | values))
        at(NOON)

        at(MIDNIGHT + DAY)

        assert (counted(row) == {TODAY: (0, 0, 0)}) == missed

    def test_only_once_a_day_and_for_the_day_we_saw(self, at, late):
        at(NOON)
        at(MIDNIGHT + 3 * DAY)
        at(MIDNIGHT + 3 * DAY + MINUTE)

        assert counted(late) == {TODAY: (0, 0, 0)}

    def test_a_later_sync_of_the_same_day_turns_it(self, at, late, synced):
        """It was written so late that the day was closed already."""
        at(NOON)
        at(MIDNIGHT + DAY)
        synced(late, MIDNIGHT + DAY - MINUTE)
        at(MIDNIGHT + DAY + MINUTE)

        assert counted(late) == {TODAY: (1, 0, 5)}


class TestDays:
    def test_nothing_expected_or_nobody_looked(self, at, row):
        at(NOON - 2 * DAY)
        at(NOON)

        assert words(row, days=4) == [
            "unknown",
            "nothing expected",
            "unknown",
            "not over",
        ]

    def test_a_sample_without_outcomes_saw_nothing(self, row):
        Sample.objects.create(at=NOON - DAY, took=HOUR)

        assert words(row, days=2) == ["unknown", "not over"]

    @pytest.mark.parametrize(
        ("moment", "day"),
        [
            (MIDNIGHT, 1),
            (MIDNIGHT - timedelta(microseconds=1), 0),
            (MIDNIGHT + DAY, 2),
        ],
    )
    def test_days_of_samples_are_those_of_utc(self, at, row, moment, day):
        at(moment)

        found = words(row, today=TODAY + 2 * DAY, days=4)

        assert found.index("nothing expected") == day

    def test_today_last_in_two_queries(self, at, row, django_assert_num_queries):
        at(NOON)

        with django_assert_num_queries(2):
            days = outcomes.days_of(row, TODAY)

        assert len(days) == 30
        assert days[-1] == outcomes.Day(TODAY, "not over")
        assert [day.day for day in days] == sorted(day.day for day in days)
