"""Runs by what people and pages ask of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from opsconsole.operations import decisions
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.sweep import sweep
from tests import factories

pytestmark = pytest.mark.platform


def test_confirmed_are_those_that_are_more_than_a_plan(
    platform_sql, plan, applied, operator
):
    keys = [factories.tracked(platform_sql) for _ in range(4)]

    def planned(key):
        return plan("set-priority", repositories=[key], priority=1)

    done, queued = applied(planned(keys[0])), planned(keys[1])
    decisions.confirm(queued, operator, reason="because", plan_hash=queued.plan_hash)
    discarded, waiting, late = planned(keys[2]), planned(keys[3]), planned(keys[3])
    decisions.cancel(discarded, operator)
    Run.objects.filter(pk=late.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    sweep()

    assert set(Run.objects.confirmed()) == {done, queued}
    states = Run.objects.exclude(pk__in=[done.pk, queued.pk]).order_by("pk")
    assert list(states.values_list("pk", "state")) == [
        (discarded.pk, State.CANCELLED),
        (waiting.pk, State.PLANNED),
        (late.pk, State.EXPIRED),
    ]
