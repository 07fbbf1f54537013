"""Nothing waits for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from opsconsole.operations import decisions
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.sweep import sweep
from opsconsole.operations.tasks import work
from tests import factories

pytestmark = pytest.mark.platform


@pytest.fixture
def queued(platform_sql, reset_plan, operator):
    factories.failed(platform_sql)
    run = reset_plan()
    decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
    return run


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def test_nudges_what_nobody_took(queued):
    OrmQ.objects.all().delete()
    Run.objects.update(nudged_at=ago(6))

    sweep()
    sweep()

    assert OrmQ.objects.count() == 1  # patient after the first


def test_leaves_a_held_run_alone(queued):
    OrmQ.objects.all().delete()
    Run.objects.claim(queued.pk)
    Run.objects.update(nudged_at=ago(6))

    sweep()

    assert not OrmQ.objects.exists()


def test_brings_back_a_run_whose_worker_died(queued):
    Run.objects.claim(queued.pk)
    Run.objects.update(lease_until=ago(1), nudged_at=ago(40))
    OrmQ.objects.all().delete()

    sweep()

    assert OrmQ.objects.count() == 1
    assert work(queued.pk) == State.APPLIED


def test_expires_an_undecided_plan(platform_sql, reset_plan):
    run = reset_plan()
    Run.objects.update(expires_at=ago(1))

    sweep()

    run.refresh_from_db()
    assert run.state == State.EXPIRED


def test_does_not_lengthen_the_queue_while_a_message_waits(queued):
    Run.objects.update(nudged_at=ago(60))

    for _ in range(3):
        Run.objects.update(nudged_at=ago(60))
        sweep()

    assert OrmQ.objects.count() == 1


def test_expires_a_confirmed_plan_that_no_worker_took(queued):
    Run.objects.update(expires_at=ago(1))

    sweep()

    queued.refresh_from_db()
    assert queued.state == State.EXPIRED


def test_the_queue_sweeps_too(databases):
    assert (
        Schedule.objects.get(name="sweep").func == "opsconsole.operations.sweep.sweep"
    )
