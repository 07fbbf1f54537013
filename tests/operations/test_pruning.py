"""Rows of old runs: gone after the time for an undo, and not before."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from opsconsole.operations import pruning
from opsconsole.operations.models import Chunk, LogLine, Run, Step
from opsconsole.operations.showing.outcomes import RowList
from tests import factories

pytestmark = pytest.mark.platform
DAY = timedelta(days=1)


@pytest.fixture
def ended(platform_sql, reset_plan, applied):
    """A run that ended so many days ago."""

    def make(days):
        factories.failed(platform_sql)
        run = applied(reset_plan())
        finished = timezone.now() - days * DAY
        Run.objects.filter(pk=run.pk).update(finished_at=finished)
        run.refresh_from_db()
        return run

    return make


def test_deletes_the_rows_of_old_runs_alone(ended):
    old, young = ended(30.01), ended(29.99)

    assert pruning.prune().startswith("1 chunks and ")

    assert not Chunk.objects.filter(step__run=old).exists()
    assert not LogLine.objects.filter(run=old).exists()
    assert Chunk.objects.filter(step__run=young).exists()
    assert LogLine.objects.filter(run=young).exists()


def test_keeps_the_counts(ended):
    old = ended(31)

    pruning.prune()

    step = Step.objects.get(run=old)
    assert (step.rows_planned, Run.objects.get(pk=old.pk).rows_written) == (1, 1)
    assert len(RowList(old)) == 0


def test_keeps_a_plan_that_has_not_ended(platform_sql, reset_plan):
    factories.failed(platform_sql)
    run = reset_plan()
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - 40 * DAY)

    pruning.prune()

    assert Chunk.objects.filter(step__run=run).exists()


def test_takes_rejected_and_expired_plans_too(platform_sql, reset_plan):
    factories.failed(platform_sql)
    run = reset_plan()
    finished = timezone.now() - 31 * DAY
    Run.objects.filter(pk=run.pk).update(state="expired", finished_at=finished)

    pruning.prune()

    assert not Chunk.objects.filter(step__run=run).exists()


def test_goes_in_pieces(ended, monkeypatch):
    for _ in range(3):
        ended(31)
    monkeypatch.setattr(pruning, "AT_ONCE", 1)

    assert pruning.prune().startswith("3 chunks")


def test_leaves_the_rest_for_tomorrow_when_it_takes_long(ended, monkeypatch):
    ended(31)
    monkeypatch.setattr(pruning, "LONGEST", 0)

    assert pruning.prune() == "0 chunks and 0 log lines deleted"


@pytest.mark.parametrize(("days", "gone"), [(29.99, False), (30.01, True)])
def test_says_whose_rows_are_gone(ended, days, gone):
    assert pruning.are_rows_gone(ended(days)) == gone


def test_of_a_run_that_has_not_ended_none_is_gone(platform_sql, reset_plan):
    factories.failed(platform_sql)

    assert not pruning.are_rows_gone(reset_plan())


def test_is_done_once_a_day(databases):
    [schedule] = Schedule.objects.filter(func="opsconsole.operations.pruning.prune")

    assert (schedule.schedule_type, schedule.repeats) == ("D", -1)
