"""The watch: what it finds of rows and of GitHub, and what it does not know."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from opsconsole.emergency import proof, quota, stop, watch
from opsconsole.emergency.models import QuotaSample, StopCheck
from opsconsole.operations.models import Run
from tests.emergency.conftest import WTR

pytestmark = pytest.mark.platform
LONG_AGO = timedelta(hours=1)


@pytest.fixture
def look():
    """The newest look, taken now."""

    def take():
        watch.watch()
        return StopCheck.objects.latest("at")

    return take


@pytest.fixture
def long_stopped(stopped):
    """The stop ended an hour ago: a run of the function that had begun is over."""
    before = timezone.now() - LONG_AGO
    Run.objects.filter(pk=stopped.pk).update(started_at=before, finished_at=before)
    stopped.refresh_from_db()
    return stopped


def sentences(check):
    return {line.text: line.level for line in proof.lines(check)}


def test_comes_every_minute(databases):
    schedule = Schedule.objects.get(func="opsconsole.emergency.watch.watch")

    assert (schedule.schedule_type, schedule.minutes, schedule.repeats) == ("I", 1, -1)


def test_keeps_nothing_while_nothing_is_stopped(row, django_assert_num_queries):
    row()
    with django_assert_num_queries(2):  # the newest quota, the stop
        assert watch.watch() == "nothing is stopped"

    assert not StopCheck.objects.exists()


def test_a_stop_that_holds(long_stopped, look, platform_sql):
    platform_sql(f"UPDATE {WTR} SET added_at = now() - interval '1 day'")

    check = look()

    assert (check.run, check.syncing, check.due) == (long_stopped, 0, 0)
    assert (check.synced, check.added) == (0, 0)
    assert not check.is_broken
    assert sentences(check)["No row is in the sync, and so none is due."] == "ok"


def test_right_after_a_stop_it_is_too_early_to_tell(stopped, look):
    """A run of the function that had begun may still write."""
    said = sentences(look())

    assert said["Too early to tell whether anything syncs."] == "unknown"


def test_rows_made_and_switched_on_since_are_found(
    long_stopped, look, row, platform_sql
):
    platform_sql(f"UPDATE {WTR} SET added_at = now() - interval '1 day'")
    platform_sql(f"UPDATE {WTR} SET fetch_issues = true, next_sync_at = '2100-01-01'")
    row()  # due

    check = look()

    assert (check.syncing, check.due, check.added) == (3, 1, 1)
    assert check.is_broken
    assert sentences(check)["3 rows in the sync, 1 due now."] == "critical"


@pytest.mark.parametrize(("minutes", "synced"), [(10, 0), (11, 2)])
def test_what_had_begun_may_end_within_ten_minutes(
    long_stopped, look, platform_sql, minutes, synced
):
    moment = long_stopped.finished_at + timedelta(minutes=minutes)
    platform_sql(f"UPDATE {WTR} SET last_sync_at = %s", moment)

    assert look().synced == synced


def test_a_silent_platform_is_unknown_and_not_zero(long_stopped, unreachable, look):
    check = look()

    assert check.is_unknown
    assert (check.syncing, check.due, check.synced, check.added) == (None,) * 4
    assert check.platform_problem
    assert sentences(check)["What the rows do is unknown."] == "unknown"


def test_github_that_is_not_configured_is_unknown(long_stopped, look, settings):
    settings.GITHUB_TOKEN = ""

    check = look()

    assert (check.workflow_state, check.runs_underway) == ("", None)
    assert "OPSCONSOLE_GITHUB_TOKEN" in check.github_problem
    assert check.syncing == 0


def test_github_that_is_down_is_unknown(
    long_stopped, look, settings, standin, monkeypatch
):
    monkeypatch.setattr(watch, "GITHUB_SECONDS", 0.2)
    settings.GITHUB_API = "http://127.0.0.1:9"

    check = look()

    assert (check.workflow_state, check.runs_underway) == ("", None)
    assert check.github_problem
    lines = sentences(check)
    assert lines["Whether the workflow on GitHub is on is unknown."] == "unknown"


def test_the_workflow_and_its_runs(standin, stopped, look):
    """The stop has switched it off."""
    check = look()

    assert check.workflow_state == "disabled_manually"
    assert check.runs_underway == 0
    lines = sentences(check)
    assert lines["The workflow on GitHub is off."] == "ok"
    assert lines["No run of the workflow is queued or in progress."] == "ok"


def test_looks_are_kept_as_long_as_a_stop_can_be_undone(stopped, look):
    old = StopCheck.objects.create(run=stopped, at=timezone.now() - timedelta(days=31))
    look()

    assert not StopCheck.objects.filter(pk=old.pk).exists()


def test_says_when_nobody_looks_any_more(stopped):
    now = timezone.now()
    fresh, old = (
        StopCheck(run=stopped, at=now - timedelta(minutes=age)) for age in (2, 4)
    )

    assert proof.lateness(fresh, stopped.finished_at, now) == ""
    assert "last look was 4 min ago" in proof.lateness(old, stopped.finished_at, now)
    later = stopped.finished_at + timedelta(minutes=4)
    assert "Nobody has looked" in proof.lateness(None, stopped.finished_at, later)


class TestQuota:
    def test_is_sampled_every_five_minutes(self, standin):
        watch.watch()
        watch.watch()
        [sample] = QuotaSample.objects.all()
        assert sample.limit == sample.used + sample.remaining

        QuotaSample.objects.update(at=timezone.now() - timedelta(minutes=5))
        watch.watch()
        assert QuotaSample.objects.count() == 2

    def test_is_not_sampled_without_a_token(self, databases, settings):
        settings.GITHUB_TOKEN = ""
        watch.watch()

        assert not QuotaSample.objects.exists()

    def test_a_failure_is_kept_without_numbers(self, standin, settings, monkeypatch):
        monkeypatch.setattr(quota, "SECONDS", 0.2)
        settings.GITHUB_API = "http://127.0.0.1:9"
        watch.watch()

        sample = QuotaSample.objects.get()
        assert (sample.limit, sample.remaining) == (None, None)
        assert sample.problem
        assert QuotaSample.newest() is None

    def test_the_trend_takes_the_least_of_each_span(self, databases):
        now = timezone.now()
        for minutes, left in ((1, 40), (3, 30), (25, 20)):
            at = now - timedelta(minutes=minutes)
            QuotaSample.objects.create(at=at, limit=50, used=50 - left, remaining=left)
        QuotaSample.objects.create(at=now - timedelta(minutes=45), problem="silent")

        values = [left for _, left in quota.trend(now)]

        assert values[-6:] == [None, None, None, 20, None, 30]
        assert len(values) == quota.POINTS


def test_the_stop_of_all_syncs_is_the_one_that_is_watched(databases):
    from opsconsole.operations.catalog import OPERATIONS

    assert stop.STOP in OPERATIONS
