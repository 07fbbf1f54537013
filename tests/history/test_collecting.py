"""When samples are taken, by whom, and how long they are kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import sleep
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from opsconsole.history import collecting, outcomes, pruning, samples
from opsconsole.history.models import (
    ErrorGroup,
    FunctionResponse,
    Outcome,
    RepositoryResult,
    Sample,
)
from tests.conftest import CONSOLE

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
QUICK, SLOW = SECOND, 31 * SECOND  # of five minutes


@pytest.fixture
def keep(databases):
    """A sample of so many minutes ago."""

    def kept(ago, *, took=QUICK, problem=""):
        at = timezone.now() - ago * MINUTE
        return Sample.objects.create(at=at, took=took, problem=problem)

    return kept


def recent(*hard):
    """Samples, the newest first: quick ones and burdens."""
    return [Sample(took=SLOW if burden else QUICK) for burden in hard]


class TestCollect:
    def test_the_first_time_at_once(self, databases):
        assert collecting.collect() == "taken"
        assert collecting.collect() == "not yet"

        sample = Sample.objects.get()
        assert sample.outcomes_until is not None

    @pytest.mark.parametrize(("ago", "said"), [(4.4, "not yet"), (4.6, "taken")])
    def test_every_five_minutes(self, keep, ago, said):
        keep(ago)

        assert collecting.collect() == said

    def test_the_period_is_a_setting(self, keep, settings):
        settings.SAMPLE_MINUTES = 2
        keep(1.6)

        assert collecting.collect() == "taken"

    def test_a_problem_is_kept_and_waited_for(self, unreachable, keep):
        assert collecting.collect() == "The platform's database does not answer."
        assert Sample.objects.get().problem
        Sample.objects.update(at=timezone.now() - 9 * MINUTE)
        assert collecting.collect() == "not yet"
        Sample.objects.update(at=timezone.now() - 10 * MINUTE)
        assert collecting.collect() != "not yet"

    def test_a_sample_is_good_without_outcomes(self, databases, monkeypatch):
        monkeypatch.setattr(outcomes, "PATIENCE", 0.0)

        assert collecting.collect() == "taken"
        assert Sample.objects.get().outcomes_until is None

    def test_never_two_at_once(self, databases, monkeypatch):
        monkeypatch.setattr(collecting, "ANOTHER", 0.2)
        with psycopg.connect(CONSOLE) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [collecting.LOCK])

            assert collecting.collect() == "another worker is at it"
            assert collecting.collect_since(timezone.now()) == (
                "another worker is at it"
            )
        assert not Sample.objects.exists()
        assert collecting.collect() == "taken"


class TestWait:
    @pytest.mark.parametrize(
        ("samples", "minutes"),
        [
            ([], 5),
            (recent(False), 5),
            (recent(True), 10),
            (recent(True, True, False, True), 20),
            (recent(False, True, True), 5),
            (recent(*[True] * 8), 60),
            ([Sample(took=QUICK, problem="Down.")], 10),
            ([Sample(took=30 * SECOND)], 5),
            ([Sample(took=30 * SECOND + timedelta(microseconds=1))], 10),
        ],
    )
    def test_doubles_with_each_burden_in_a_row(self, samples, minutes):
        assert collecting.wait(samples) == minutes * MINUTE

    def test_never_less_than_the_period(self, settings):
        settings.SAMPLE_MINUTES = 60

        assert collecting.wait(recent(True)) == 60 * MINUTE

    @pytest.mark.parametrize(("ago", "said"), [(19, "not yet"), (20, "taken")])
    def test_counts_from_the_newest(self, keep, ago, said):
        keep(ago, took=SLOW)
        keep(ago + 10, problem="Down.")
        keep(ago + 15)

        assert collecting.collect() == said


class TestSoon:
    def test_a_message_for_the_bulk_cluster(self, databases):
        collecting.soon()

        [message] = OrmQ.objects.all()
        assert message.key == "bulk"
        assert message.func() == "opsconsole.history.collecting.collect_since"
        [asked] = message.task["args"]
        assert isinstance(asked, datetime)

    def test_takes_one_though_it_is_not_time(self, keep):
        keep(0.1)

        assert collecting.collect_since(timezone.now()) == "taken"

    def test_several_messages_make_one_sample(self, databases):
        asked = [timezone.now(), timezone.now()]

        said = [collecting.collect_since(moment) for moment in asked]

        assert said == ["taken", "somebody else did"]

    def test_waits_for_one_that_began_too_early(self, keep):
        """Another worker counted before the rows changed: its numbers are old."""
        asked = timezone.now()
        with psycopg.connect(CONSOLE) as other, ThreadPoolExecutor() as pool:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [collecting.LOCK])
            said = pool.submit(collecting.collect_since, asked)
            sleep(0.3)
            assert not said.done()
            keep(1)
            other.rollback()

            assert said.result(5) == "taken"
            pool.submit(connections.close_all)

    def test_spares_a_platform_in_trouble(self, keep):
        keep(3, took=SLOW)

        assert collecting.collect_since(timezone.now()) == "the platform is in trouble"


class TestSchedule:
    def test_made_by_a_migration(self, databases):
        schedule = Schedule.objects.get(func="opsconsole.history.collecting.collect")

        assert (schedule.schedule_type, schedule.minutes) == ("I", 1)
        assert schedule.repeats == -1
        assert schedule.cluster is None  # the default one, bulk
        assert callable(collecting.collect)


class TestState:
    def test_nothing_yet(self, databases, django_assert_num_queries):
        with django_assert_num_queries(2):
            state = collecting.state(timezone.now())

        assert (state.since, state.newest, state.late) == (None, None, True)
        assert state.sentence == (
            "Nothing has been collected yet; the workers take a sample within a minute."
        )

    def test_nothing_yet_since_the_platform_is_down(self, keep):
        keep(1, problem="The platform's database does not answer.")

        assert collecting.state(timezone.now()).sentence == (
            "Nothing has been collected yet. The platform's database does not answer."
        )

    def test_well(self, keep, django_assert_num_queries):
        oldest, newest = keep(60 * 24 * 3), keep(2)
        keep(1, problem="Out of order.")

        with django_assert_num_queries(2):
            state = collecting.state(timezone.now())

        assert (state.since, state.newest) == (oldest.at, newest)
        assert not state.late
        day = oldest.at
        assert state.sentence == (
            f"Collecting since {day.day} {day:%b %Y}; newest sample 2 min old."
        )

    def test_a_moment_ago(self, keep):
        keep(0.1)

        sentence = collecting.state(timezone.now()).sentence

        assert sentence.endswith("newest sample less than a minute old.")

    @pytest.mark.parametrize(("ago", "late"), [(14.9, False), (15.1, True)])
    def test_late_after_three_periods(self, keep, ago, late):
        keep(ago)

        assert collecting.state(timezone.now()).late is late

    def test_why_it_is_late(self, keep):
        keep(40.5)
        keep(50, problem="Long over.")

        assert collecting.state(timezone.now()).sentence == (
            "The last sample is 40 min old; no worker has taken one since."
        )
        keep(35, problem="The platform's database took too long to answer.")
        assert collecting.state(timezone.now()).sentence == (
            "The last sample is 40 min old."
            " The platform's database took too long to answer."
        )


class TestRetention:
    @pytest.fixture(autouse=True)
    def short(self, settings):
        settings.KEEP_SAMPLES_DAYS = 2
        settings.KEEP_OUTCOMES_DAYS = 3
        settings.KEEP_RESPONSES_DAYS = 4

    def test_samples(self, keep):
        keep(60 * 48 + 1)
        kept = keep(60 * 48 - 1)

        pruning.prune(timezone.now())

        assert list(Sample.objects.all()) == [kept]

    def test_outcomes(self, databases, monkeypatch):
        today = timezone.now().date()
        for days in range(6):
            Outcome.objects.create(row=uuid4(), day=today - timedelta(days=days))

        pruning.prune(timezone.now())

        kept = Outcome.objects.order_by("day").values_list("day", flat=True)
        assert list(kept) == [today - timedelta(days=days) for days in (3, 2, 1, 0)]

    def test_outcomes_some_at_a_time(self, databases, monkeypatch):
        statement = pruning.OUTCOMES.replace(str(pruning.AT_ONCE), "2")
        monkeypatch.setattr(pruning, "OUTCOMES", statement)
        long_ago = timezone.now().date() - timedelta(days=9)
        for _ in range(5):
            Outcome.objects.create(row=uuid4(), day=long_ago)

        left = []
        for _ in range(4):
            pruning.prune(timezone.now())
            left.append(Outcome.objects.count())

        assert left == [3, 1, 0, 0]

    def test_responses_with_their_results(self, databases):
        for days in (5, 3):
            at = timezone.now() - timedelta(days=days)
            response = FunctionResponse.objects.create(
                at=at, took=SECOND, limit=1, hours_back=1, dry_run=False
            )
            RepositoryResult.objects.create(
                response=response, at=at, repository="a/b", success=True
            )

        pruning.prune(timezone.now())

        assert FunctionResponse.objects.get() == response
        assert RepositoryResult.objects.get().response == response

    def test_kinds_of_errors_stay(self, databases):
        long_ago = timezone.now() - timedelta(days=999)
        ErrorGroup.objects.create(
            fingerprint="abc", first_seen=long_ago, last_seen=long_ago
        )

        pruning.prune(timezone.now())

        assert ErrorGroup.objects.exists()

    def test_collecting_prunes(self, keep):
        old = keep(60 * 24 * 5)

        collecting.collect()

        assert old not in Sample.objects.all()
        assert samples.newest() is not None
