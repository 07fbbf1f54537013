"""Every number of a sample against hand-made rows, and samples that cannot be taken."""

from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from opsconsole.history import counting, samples
from opsconsole.history.circumstances import circumstances
from opsconsole.history.models import ErrorGroup, Sample
from opsconsole.history.trends import trend
from opsconsole.platform import contract, diagnosis, flags, gaps
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.models import WorkspaceTrackedRepository

pytestmark = pytest.mark.platform
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
Rows = WorkspaceTrackedRepository.objects
OK = {"last_sync_at": NOW - 3 * HOUR, "next_sync_at": NOW + 3 * HOUR}


@pytest.fixture
def add(make):
    """A row that is well but for these values, in a workspace of its own."""

    def added(tier="free", **values):
        workspace = make.workspace(tier=tier)
        return make.tracked(workspace, **(OK | values))

    return added


@pytest.fixture
def many(add):
    """Rows of many words, flags and tiers."""
    for number in range(30):
        add(
            ("free", "pro", "team")[number % 3],
            next_sync_at=None if number == 7 else NOW + (number - 15) * HOUR,
            last_sync_at=None if number % 4 == 1 else NOW - number * HOUR,
            last_sync_status="failed" if number % 5 == 2 else "success",
            sync_attempts=number % 7,
            sync_frequency_hours=(1, 6, 24)[number % 3],
            fetch_issues=number != 11,
            is_active=number != 13,
            priority_score=number,
        )


class TestNumbers:
    def test_of_an_empty_platform(self, databases):
        sample = samples.take(NOW)

        assert sample.problem == ""
        assert (sample.words, sample.flags, sample.errors) == ({}, {}, {})
        assert (sample.total, sample.unlinked, sample.untracked) == (0, 0, 0)
        assert sample.runbook["avg_hours_since_sync"] is None

    def test_words_by_tier(self, add):
        add("free")
        add("free", fetch_issues=False)
        add("pro", fetch_issues=False)
        add("team", last_sync_status="failed")

        sample = samples.take(NOW)

        assert sample.words == {
            "free": {"ok": 1, "paused": 1},
            "pro": {"paused": 1},
            "team": {"failed": 1},
        }
        assert sample.total == 4
        assert sample.word_count("paused", "failed") == 3
        assert sample.word_count("paused", tier="pro") == 1

    def test_flags_by_tier(self, add):
        add("free", last_sync_error="old", sync_frequency_hours=1)
        add("pro", last_sync_at=NOW - 30 * HOUR, sync_frequency_hours=2)

        assert samples.take(NOW).flags == {
            "free": {"stale error": 1, "interval below the schedule": 1},
            "pro": {"coverage gap": 1, "interval below the schedule": 1},
        }

    def test_duplicates(self, add, platform_sql):
        first, second, third, alone = add(), add("pro"), add("team"), add()
        for row in (second, third):
            platform_sql(
                "UPDATE workspace_tracked_repositories SET tracked_repository_id ="
                " (SELECT tracked_repository_id FROM workspace_tracked_repositories"
                " WHERE id = %s) WHERE id = %s",
                first,
                row,
            )
        platform_sql(
            "UPDATE workspace_tracked_repositories SET is_active = false WHERE id = %s",
            third,
        )

        sample = samples.take(NOW)

        assert sample.flag_count("duplicate") == 3
        assert sample.flag_count("duplicate", tier="free") == 1
        assert alone

    @pytest.mark.parametrize("word", diagnosis.WORDS)
    def test_words_are_those_of_the_lists(self, many, word):
        sample = samples.take(NOW)
        known = circumstances(NOW)

        assert known.first_in_line == tuple(sample.first_in_line)
        assert sample.word_count(word) == Rows.with_word(word, known).count()

    @pytest.mark.parametrize("flag", flags.WORDS)
    def test_flags_are_those_of_the_lists(self, many, flag):
        rows = Rows.with_flag(flag, Circumstances(NOW))

        assert samples.take(NOW).flag_count(flag) == rows.count()

    def test_first_in_line_are_as_many_as_slots(self, add, settings):
        settings.SCHEDULE_SLOTS = 2
        due = [
            add(next_sync_at=NOW - 9 * HOUR, priority_score=priority)
            for priority in (1, 50, 99)
        ]

        sample = samples.take(NOW)

        assert sample.first_in_line == [due[2], due[1]]
        assert sample.words == {"free": {"overdue": 2, "starved": 1}}
        assert sample.due == 3

    def test_due_and_synced_lately_have_borders(self, add):
        add(next_sync_at=NOW, last_sync_at=NOW - 24 * HOUR)
        add(next_sync_at=NOW + TICK, last_sync_at=NOW - 24 * HOUR - TICK)
        add(next_sync_at=NOW - TICK, fetch_issues=False, last_sync_at=None)
        add(next_sync_at=None, last_sync_status="failed")

        sample = samples.take(NOW)

        assert (sample.due, sample.synced_lately) == (1, 1)

    @pytest.mark.parametrize(
        ("interval", "calls"),
        [
            (1, 4),
            (6, 4),
            (7, 2),
            (8, 2),
            (12, 2),
            (13, 1.3),
            (24, 1),
            (None, 1),
            (25, 0.8),
            (48, 0.5),
            (168, 0.1),
        ],
    )
    def test_calls_a_day_are_on_the_grid_of_the_schedule(self, add, interval, calls):
        add("pro", sync_frequency_hours=interval)
        add("pro", sync_frequency_hours=1, fetch_issues=False)

        assert samples.take(NOW).calls == {"pro": calls}

    def test_calls_follow_the_schedules_period(self, add, settings):
        settings.SCHEDULE_HOURS = 5
        add(sync_frequency_hours=6)

        assert samples.take(NOW).calls == {"free": 2.4}

    def test_workspaces_that_are_not_deleted(self, make):
        for tier, is_active in (
            ("free", True),
            ("free", None),
            ("pro", True),
            ("pro", False),
            ("team", False),
        ):
            make.workspace(tier=tier, is_active=is_active)

        assert samples.take(NOW).workspaces == {"free": 2, "pro": 1}

    def test_links_without_a_row(self, make):
        workspace = make.workspace()
        make.linked(workspace)
        make.link(workspace)
        known = make.repository()
        make.known(known)
        for _ in range(2):
            make.link(make.workspace(), known)

        sample = samples.take(NOW)

        assert (sample.unlinked, sample.untracked) == (2, 1)

    @pytest.mark.parametrize("half", [TICK, timedelta(0), -TICK])
    def test_the_runbooks_numbers_are_those_of_its_query(self, add, platform_sql, half):
        add(last_sync_at=NOW - 2 * HOUR)
        add(last_sync_at=NOW - 3 * HOUR + half)  # 2.5 hours on average, a hair beside
        add(last_sync_status="failed", last_sync_at=None)
        add(is_active=False, last_sync_status="failed")
        add(is_active=None)
        query = """
            SELECT COUNT(*) as total_workspaces,
              COUNT(*) FILTER (WHERE last_sync_status = 'success') as successful,
              COUNT(*) FILTER (WHERE last_sync_status = 'failed') as failed,
              AVG(EXTRACT(EPOCH FROM (%s - last_sync_at))/3600)::INT as avg_hours
            FROM workspace_tracked_repositories WHERE is_active = TRUE
        """

        numbers = samples.take(NOW).runbook

        assert tuple(numbers.values()) == platform_sql(query, NOW)[0]
        assert numbers == {
            "total_workspaces": 3,
            "successful": 2,
            "failed": 1,
            "avg_hours_since_sync": 2 if half > timedelta(0) else 3,
        }

    def test_a_moment_that_never_was_spoils_nothing(self, add):
        """Any signed-in user of the platform can write this."""
        add(last_sync_at="infinity", next_sync_at="-infinity")
        add(last_sync_at="-infinity", next_sync_at="infinity")
        add(last_sync_at=NOW - 5 * HOUR)

        sample = samples.take(NOW)

        assert sample.problem == ""
        assert sample.total == 3
        assert sample.runbook["avg_hours_since_sync"] == 5


class TestMoment:
    def test_all_is_of_one_snapshot(self, add, platform_sql, monkeypatch):
        """Rows that come while we count are in none of the numbers."""
        add()
        count_words = counting._groups

        def meanwhile(known):
            groups = list(count_words(known))
            add("pro", sync_frequency_hours=1)
            return groups

        monkeypatch.setattr(counting, "_groups", meanwhile)

        sample = samples.take(NOW)

        assert (sample.total, sample.flags) == (1, {})
        assert sample.workspaces == {"free": 1}

    def test_the_newest_has_numbers(self, add):
        add()
        first = samples.take(NOW)
        Sample.objects.create(at=NOW + HOUR, took=timedelta(0), problem="Out of order.")

        assert samples.newest() == first


class TestTrouble:
    def test_a_platform_that_is_down(self, unreachable):
        sample = samples.take(NOW)

        assert sample.problem == contract.SILENT
        assert (sample.words, sample.unlinked, sample.first_in_line) == ({}, None, [])
        assert Sample.objects.get().problem == contract.SILENT
        assert samples.newest() is None

    def test_a_platform_that_goes_down_meanwhile(self, databases, monkeypatch):
        def cut(*args):
            Rows.raw("SELECT pg_terminate_backend(pg_backend_pid()) AS id")[0]

        monkeypatch.setattr(counting, "found", cut)

        assert samples.take(NOW).problem == contract.SILENT

    def test_a_table_that_somebody_rebuilds(self, add, locked):
        began = monotonic()

        sample = samples.take(NOW)

        assert sample.problem == "The platform's database took too long to answer."
        assert 0.4 < monotonic() - began < 2
        locked.rollback()
        assert samples.take(NOW + HOUR).problem == ""

    def test_gaps_that_take_too_long_are_unknown(self, add, monkeypatch):
        monkeypatch.setattr(samples, "PATIENCE", 1.0)
        slow = "FROM pg_sleep(9)"
        monkeypatch.setattr(gaps, "UNLINKED", slow)
        add()

        sample = samples.take(NOW)

        assert (sample.problem, sample.total) == ("", 1)
        assert (sample.unlinked, sample.untracked) == (None, None)
        assert sample.took < timedelta(seconds=2)

    def test_without_the_links_table_the_rest_is_counted(self, add, variant):
        add()
        variant(
            "ALTER TABLE workspace_repositories RENAME TO gone",
            "ALTER TABLE gone RENAME TO workspace_repositories",
        )

        sample = samples.take(NOW)

        assert (sample.problem, sample.total, sample.unlinked) == ("", 1, None)

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("workspace_tracked_repositories", "priority_score"),
            ("repositories", "has_issues"),
            ("workspaces", "tier"),
        ],
    )
    def test_without_a_column_of_the_words_it_says_which(self, variant, table, column):
        variant(
            f"ALTER TABLE {table} RENAME {column} TO gone",
            f"ALTER TABLE {table} RENAME gone TO {column}",
        )

        sample = samples.take(NOW)

        assert column in sample.problem
        assert sample.words == {}

    def test_a_column_that_disappeared_a_moment_ago(self, variant, platform_sql):
        contract.current(refresh=True)
        known = contract.current()
        variant(
            "ALTER TABLE workspaces RENAME is_active TO gone",
            "ALTER TABLE workspaces RENAME gone TO is_active",
        )
        contract._kept = (monotonic() + 60, known)

        first, second = samples.take(NOW), samples.take(NOW + HOUR)

        assert first.problem.startswith("The platform's rows could not be counted")
        assert "is_active" in second.problem

    def test_nothing_is_remembered_of_a_failure(self, locked):
        samples.take(NOW)

        assert not ErrorGroup.objects.exists()


class TestLately:
    @pytest.fixture
    def keep(self, databases):
        def kept(*ago):
            Sample.objects.bulk_create(
                Sample(at=NOW - span, took=timedelta(0), due=number)
                for number, span in enumerate(ago)
            )

        return kept

    def test_one_for_each_point(self, keep, django_assert_num_queries):
        keep(*(number * timedelta(minutes=5) for number in range(400)))

        with django_assert_num_queries(1):
            found = samples.lately(NOW)

        assert len(found) == 48
        assert found[-1].at == NOW
        assert found[0].at == NOW - 23.5 * HOUR
        assert found == sorted(found, key=lambda sample: sample.at)

    def test_the_same_points_as_a_trend(self, keep):
        keep(*(number * timedelta(minutes=5) for number in range(300)))
        everything = list(Sample.objects.all())

        def line(found):
            return trend(found, lambda sample: sample.due, until=NOW)

        assert line(samples.lately(NOW)) == line(everything)
        assert None not in line(everything)

    def test_neither_problems_nor_the_future(self, keep):
        keep(-TICK, timedelta(0), 24 * HOUR - TICK, 24 * HOUR)
        Sample.objects.create(at=NOW - HOUR, took=timedelta(0), problem="Down.")

        assert [sample.due for sample in samples.lately(NOW)] == [2, 1]
