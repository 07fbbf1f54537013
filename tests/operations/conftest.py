import pytest

from opsconsole.operations import decisions, planner
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.tasks import work


@pytest.fixture
def reset_plan(operator):
    """Plan a reset, of all failed repositories unless told otherwise."""

    def plan(**params):
        everything = {"repositories": [], "workspace": None, "all_failed": True}
        request = planner.Request(operator, "browser")
        return planner.plan(
            OPERATIONS["reset-failed-sync"], everything | params, request
        )

    return plan


@pytest.fixture
def applied(operator):
    """Confirm a plan and work it off."""

    def apply(run):
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        work(run.pk)
        run.refresh_from_db()
        return run

    return apply
