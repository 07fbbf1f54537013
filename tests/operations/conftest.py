from collections.abc import Callable, Iterator

import pytest

from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.showing.outcomes import Outcome, RowList
from opsconsole.operations.tasks import work
from tests.operations.demonstration import installed
from tests.operations.nursery import Nursery
from tests.operations.outside import point_to, running
from tests.operations.stage import Stage


@pytest.fixture
def plan(operator) -> Callable[..., Run]:
    """Plan an operation as its form's cleaned data would."""

    def make(slug, **params):
        request = planner.Request(operator, "browser")
        return planner.plan(OPERATIONS[slug], params, request)

    return make


@pytest.fixture
def reset_plan(plan):
    """Plan a reset, of all failed repositories unless told otherwise."""

    def make(**params):
        everything = {"repositories": [], "workspace": None, "all_failed": True}
        return plan("reset-failed-sync", **(everything | params))

    return make


@pytest.fixture
def applied(operator):
    """Confirm a plan with whatever its risk asks for, and work it off."""

    def apply(run):
        proof = {"typed": run.rows_meant, "fresh": True}
        decisions.confirm(
            run, operator, reason="because", plan_hash=run.plan_hash, **proof
        )
        work(run.pk)
        run.refresh_from_db()
        return run

    return apply


@pytest.fixture
def keys_of():
    """The keys of a run's rows; at most 100."""

    def keys(run, outcome=None):
        return {row.key for row in RowList(run, outcome)[:100]}

    return keys


@pytest.fixture
def skipped_of():
    """Name -> why, of a run's skipped rows."""
    return lambda run: {
        row.label: row.why for row in RowList(run, Outcome.SKIPPED)[:100]
    }


@pytest.fixture
def verdicts_of():
    """Name -> (level, sentence) of what a plan says."""
    return lambda run: {
        v["name"]: (v["level"], v["sentence"]) for v in run.summary["verdicts"]
    }


@pytest.fixture
def stage(platform_sql) -> Iterator[Stage]:
    """The demonstration's operations and tables, gone after the test."""
    built = Stage(platform_sql)
    built.build()
    with installed():
        yield built
    built.clear()


@pytest.fixture(scope="session")
def one_nursery() -> Iterator[Nursery]:
    started = Nursery()
    yield started
    started.stop()


@pytest.fixture
def nursery(one_nursery: Nursery, stage: Stage) -> Iterator[Nursery]:
    """Where worker processes come from; they are gone before the tables are."""
    yield one_nursery
    one_nursery.clear()


@pytest.fixture
def confirmed(plan, operator) -> Callable[..., Run]:
    """Plan an operation and confirm it; nobody works at it yet."""

    def make(slug, **params):
        run = plan(slug, **params)
        return confirm(run, operator)

    return make


def confirm(run: Run, operator) -> Run:
    decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
    run.refresh_from_db()
    return run


@pytest.fixture
def planned_later(operator, monkeypatch) -> Callable[..., Run]:
    """Ask for the plan of an operation, or of a run's undo, that a worker has to make."""
    monkeypatch.setattr(planner, "NAMED_ROWS", 0)
    request = planner.Request(operator, "browser")

    def ask(asked, **params):
        if isinstance(asked, Run):
            return undo.plan(asked, request)
        return planner.ask(OPERATIONS[asked], params, request)

    return ask


@pytest.fixture
def undone(operator, applied) -> Callable[[Run], Run]:
    """Plan the undo of a run, confirm it and work it off."""

    def take_back(run):
        request = planner.Request(operator, "browser")
        return applied(undo.plan(run, request))

    return take_back


@pytest.fixture
def standin(platform_sql, settings):
    """The services outside; the settings point to them."""
    with running() as services:
        point_to(settings, services.address)
        yield services
