"""A platform with rows in the sync, the stop of them all, and the services outside."""

import pytest

from opsconsole.emergency import stop
from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.tasks import work
from tests import factories
from tests.operations.outside import point_to, running

WTR = "workspace_tracked_repositories"


@pytest.fixture
def applied(operator):
    """Confirm a plan as its requester and work it off."""

    def apply(run, reason="the quota is spent, ticket 4711"):
        proof = {"typed": run.rows_meant, "fresh": True}
        decisions.confirm(
            run, operator, reason=reason, plan_hash=run.plan_hash, **proof
        )
        work(run.pk)
        run.refresh_from_db()
        return run

    return apply


@pytest.fixture
def stop_all(operator, applied):
    """Stop what is in the sync now."""

    def apply(**kwargs):
        request = planner.Request(operator, "browser")
        return applied(planner.plan(OPERATIONS[stop.STOP], {}, request), **kwargs)

    return apply


@pytest.fixture
def resume(operator, applied):
    """Take a stop back."""
    request = planner.Request
    return lambda run: applied(undo.plan(run, request(operator, "browser")))


@pytest.fixture
def row(platform_sql):
    """A row in the sync; what is given differs."""
    return lambda **values: factories.tracked(platform_sql, **values)


@pytest.fixture
def stopped(row, stop_all):
    """Two rows, and the stop that took them out."""
    row(name="acme/one"), row(name="acme/two")
    return stop_all()


@pytest.fixture
def standin(platform_sql, settings):
    """The services outside; the settings point to them."""
    with running() as services:
        point_to(settings, services.address)
        yield services
