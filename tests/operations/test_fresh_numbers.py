"""Whoever changed rows asks for a sample, so that the pages' counts follow."""

import pytest
from django_q.models import OrmQ

from opsconsole.history import collecting
from opsconsole.operations import decisions, engine
from opsconsole.operations.engine import Shift
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform
ASKED = "opsconsole.history.collecting.collect_since"


def asked():
    """How many messages ask for a sample."""
    return sum(message.func() == ASKED for message in OrmQ.objects.all())


def test_after_a_run_that_wrote(platform_sql, reset_plan, applied):
    factories.failed(platform_sql)

    run = applied(reset_plan())

    assert (run.state, run.rows_written) == (State.APPLIED, 1)
    assert asked() == 1


def test_not_after_one_that_wrote_nothing(platform_sql, reset_plan, applied):
    factories.failed(platform_sql)
    run = reset_plan()
    platform_sql("DELETE FROM workspace_tracked_repositories")

    assert applied(run).rows_written == 0
    assert asked() == 0


@pytest.mark.parametrize("rows", [0, 1])
def test_after_one_that_was_cancelled_or_failed(
    platform_sql, reset_plan, operator, rows
):
    factories.failed(platform_sql)
    for end in ("cancel", "fail"):
        run = reset_plan()
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        held = Run.objects.claim(run.pk)
        engine.advance(held, Shift())
        Run.objects.filter(pk=run.pk).update(rows_written=rows)
        if end == "fail":
            engine.fail(held, "Out of order.")
        else:
            decisions.cancel(Run.objects.get(pk=run.pk), operator)
            engine.advance(held, Shift())

    assert asked() == 2 * rows


def test_the_message_leads_to_a_sample(platform_sql, reset_plan, applied):
    factories.failed(platform_sql)
    collecting.collect()
    applied(reset_plan())

    [asked_at] = next(m for m in OrmQ.objects.all() if m.func() == ASKED).task["args"]

    assert collecting.collect_since(asked_at) == "taken"
    assert collecting.state(asked_at).newest.word_count("failed") == 0
