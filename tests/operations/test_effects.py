"""Looks at what a run has brought about: when, by what words, and without an answer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from opsconsole.operations import effects
from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.catalog.reset_failed_sync import ResetFailedSync
from opsconsole.operations.catalog.resume_repository import ResumeRepository
from opsconsole.operations.models import EffectCheck, LogLine
from opsconsole.operations.moment import Moment
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
Effect = EffectCheck.Effect
MINUTES = timedelta(minutes=1)


@pytest.fixture
def reset(platform_sql, reset_plan, applied):
    """Reset this many failed rows."""

    def make(number=1):
        for _ in range(number):
            factories.failed(platform_sql)
        return applied(reset_plan())

    return make


@pytest.fixture
def later(monkeypatch):
    """Set the console's clock to some time after now."""

    began = timezone.now()

    def pass_by(span):
        now = began + span
        monkeypatch.setattr(effects.timezone, "now", lambda: now)

    return pass_by


@pytest.fixture
def synced(platform_sql):
    """The sync function comes by: so many rows end like this."""

    def sync(number, status="success"):
        platform_sql(
            f"UPDATE {WTR} SET last_sync_at = now(), last_sync_status = %s WHERE id IN"
            f" (SELECT id FROM {WTR} WHERE last_sync_at < '2026-02-01' LIMIT %s)",
            status,
            number,
        )

    return sync


def words(run):
    checks = EffectCheck.objects.filter(run=run).order_by("after")
    return [check.effect for check in checks]


class TestSchedule:
    def test_is_after_the_end_of_the_run(self, reset):
        run = reset()

        checks = EffectCheck.objects.filter(run=run).order_by("after")
        assert [check.due_at - run.finished_at for check in checks] == [
            15 * MINUTES,
            60 * MINUTES,
            24 * 60 * MINUTES,
        ]

    def test_is_made_once(self, reset):
        run = reset()
        effects.schedule(run)

        assert EffectCheck.objects.count() == 3

    def test_is_not_made_for_an_undo(self, reset, undone):
        undo = undone(reset())

        assert not EffectCheck.objects.filter(run=undo).exists()

    def test_is_not_made_where_nothing_was_written(self, reset):
        run = reset()
        EffectCheck.objects.all().delete()
        run.rows_written = 0
        effects.schedule(run)

        assert not EffectCheck.objects.exists()

    def test_looks_every_minute(self, databases):
        [schedule] = Schedule.objects.filter(func="opsconsole.operations.effects.look")

        assert (schedule.schedule_type, schedule.minutes, schedule.repeats) == (
            "I",
            1,
            -1,
        )

    @pytest.mark.parametrize(
        "operation", [each for each in OPERATIONS.values() if each.effect_after]
    )
    def test_is_announced_by_operations_that_can_tell(self, operation):
        assert operation.effect is not Operation.effect


class TestLook:
    def test_comes_when_it_is_due(self, reset, later, synced):
        run = reset()
        synced(1)
        later(14 * MINUTES)
        assert effects.look() == "0 looked at"

        later(16 * MINUTES)
        assert effects.look() == "1 looked at"

        assert words(run) == ["effective", "", ""]
        check = EffectCheck.objects.get(run=run, after=15 * MINUTES)
        assert check.sentence.startswith("Of 1: 1 synced, 0 failed again")
        line = LogLine.objects.filter(run=run).latest("pk")
        assert line.text == f"15 min later: effective. {check.sentence}"

    def test_comes_once(self, reset, later, synced):
        run = reset()
        later(16 * MINUTES)
        effects.look()
        lines = LogLine.objects.filter(run=run).count()

        effects.look()

        assert LogLine.objects.filter(run=run).count() == lines

    def test_is_tried_again_for_an_hour(self, reset, later, request):
        run = reset()
        request.getfixturevalue("unreachable")
        later(16 * MINUTES)
        effects.look()
        assert words(run) == ["", "", ""]

        later(76 * MINUTES)
        effects.look()

        assert words(run) == ["unknown", "", ""]  # the second look has its own hour
        sentence = EffectCheck.objects.get(after=15 * MINUTES).sentence
        assert sentence == "The platform could not be asked for 1 h."

    def test_survives_an_operations_mistake(self, reset, later, monkeypatch):
        runs = [reset(), reset()]

        def broken(self, run, moment):
            if run.pk == runs[0].pk:
                raise ZeroDivisionError
            return Effect.EFFECTIVE, "Fine."

        monkeypatch.setattr(ResetFailedSync, "effect", broken)
        later(16 * MINUTES)
        effects.look()

        assert [words(run)[0] for run in runs] == ["unknown", "effective"]

    def test_is_needless_after_an_undo(self, reset, later, undone):
        run = reset()
        undone(run)
        later(16 * MINUTES)
        effects.look()

        check = EffectCheck.objects.get(run=run, after=15 * MINUTES)
        assert check.sentence == "The run was undone before anybody looked."

    def test_of_an_operation_that_is_gone_is_unknown(self, reset, later, monkeypatch):
        run = reset()
        monkeypatch.delitem(OPERATIONS, "reset-failed-sync")
        later(16 * MINUTES)
        effects.look()

        assert words(run)[0] == "unknown"

    def test_does_not_take_all_at_once(self, reset, later, monkeypatch):
        reset()
        monkeypatch.setattr(effects, "AT_ONCE", 2)
        later(25 * 60 * MINUTES)

        assert [effects.look() for _ in range(3)] == [
            "2 looked at",
            "1 looked at",
            "0 looked at",
        ]


class TestReset:
    """Effective is: most were tried, and nine of ten of these synced."""

    @pytest.mark.parametrize(
        ("succeeded", "failed", "word"),
        [
            (10, 0, Effect.EFFECTIVE),
            (9, 1, Effect.EFFECTIVE),
            (8, 2, Effect.PARTLY),
            (6, 0, Effect.EFFECTIVE),  # most were tried
            (5, 0, Effect.PARTLY),
            (1, 9, Effect.PARTLY),
            (0, 10, Effect.NONE),  # as failed as before: never harmful
        ],
    )
    def test_word(self, reset, synced, succeeded, failed, word):
        run = reset(10)
        synced(succeeded)
        synced(failed, "failed")

        found, sentence = ResetFailedSync().effect(run, Moment(datetime.now(UTC)))

        assert found == word
        rest = 10 - succeeded - failed
        assert sentence == (
            f"Of 10: {succeeded} synced, {failed} failed again, {rest} without a trace"
            " (not taken yet, quiet, or refused by GitHub)."
        )

    @pytest.mark.parametrize(
        ("hours", "word"), [(6.9, Effect.UNKNOWN), (7.1, Effect.NONE)]
    )
    def test_is_unknown_until_a_schedule_came_by(self, reset, hours, word):
        run = reset()
        moment = Moment(run.finished_at + timedelta(hours=hours))

        found, sentence = ResetFailedSync().effect(run, moment)

        assert found == word
        assert sentence.startswith("None of 1 has left a trace of a sync.")

    def test_counts_only_what_the_run_wrote(self, platform_sql, reset, synced):
        run = reset()
        factories.tracked(platform_sql, last_sync_at=datetime.now(UTC))

        _, sentence = ResetFailedSync().effect(run, Moment(datetime.now(UTC)))
        assert sentence.startswith("None of 1")


class TestResume:
    @pytest.mark.parametrize(
        ("succeeded", "failed", "word"),
        [
            (10, 0, Effect.EFFECTIVE),
            (0, 10, Effect.HARMFUL),
            (1, 9, Effect.HARMFUL),
            (2, 8, Effect.PARTLY),
            (0, 5, Effect.NONE),  # not most of them
        ],
    )
    def test_is_harmful_when_most_fail(
        self, platform_sql, plan, applied, synced, succeeded, failed, word
    ):
        keys = [factories.tracked(platform_sql, fetch_issues=False) for _ in range(10)]
        run = applied(plan("resume-repository", repositories=keys))
        synced(succeeded)
        synced(failed, "failed")

        found, _ = ResumeRepository().effect(run, Moment(datetime.now(UTC)))

        assert found == word
