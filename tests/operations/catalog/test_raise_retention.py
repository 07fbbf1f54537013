"""Raise retention: what is lower is raised, what is higher stays, bounds are the platform's."""

import pytest

from opsconsole.operations.catalog.raise_retention import RaiseRetention
from opsconsole.operations.states import State
from opsconsole.platform import contract
from tests import factories
from tests.operations.catalog import runbook

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
CHECK = f"{WTR}_data_retention_days_check"


@pytest.fixture
def row(platform_sql):
    return lambda days, **values: factories.tracked(
        platform_sql, data_retention_days=days, **values
    )


@pytest.fixture
def days_of(platform_sql):
    return lambda: dict(platform_sql(f"SELECT id, data_retention_days FROM {WTR}"))


@pytest.fixture
def increase(plan):
    return lambda days=60: plan("raise-retention", matching="q=", days=days)


def test_the_runbook_lowers_what_is_higher(platform_sql, row, days_of):
    """Trap 3.2 d: 90 and 365 become 60."""
    workspace = factories.workspace(platform_sql, tier="team")
    for days in (30, 90, 365):
        row(days, workspace_id=workspace, total_issues_fetched=500)

    with runbook.tried(platform_sql, runbook.RAISE_RETENTION):
        assert set(days_of().values()) == {60}


def test_raises_and_never_lowers(row, increase, applied, days_of):
    """Trap 3.2 d; NULL counts as none."""
    wanted = {7: 60, 59: 60, 60: 60, 61: 61, 90: 90, 365: 365, None: 60}
    keys = {row(days): after for days, after in wanted.items()}

    run = applied(increase())

    assert run.state == State.APPLIED, run.error
    assert (run.rows_written, days_of()) == (3, keys)


def test_comes_back_by_the_undo(platform_sql, row, increase, applied, undone):
    for days in (7, 59, 90, None):
        row(days)
    before = dict(platform_sql(f"SELECT id, to_jsonb(t) FROM {WTR} t"))

    undo = undone(applied(increase()))

    assert undo.state == State.APPLIED, undo.error
    assert dict(platform_sql(f"SELECT id, to_jsonb(t) FROM {WTR} t")) == before


def test_leaves_what_somebody_raised_meanwhile(
    platform_sql, row, increase, applied, skipped_of, days_of
):
    key = row(30, name="acme/raised")
    run = increase()
    platform_sql(f"UPDATE {WTR} SET data_retention_days = 365")

    run = applied(run)

    assert skipped_of(run) == {"acme/raised": "changed"}
    assert days_of() == {key: 365}


def test_says_what_stays_and_that_nobody_reads_it(row, increase, verdicts_of):
    row(30)
    row(None)
    row(90)

    said = verdicts_of(increase())

    assert said["Never lowered"] == (
        "ok",
        "No retention becomes shorter; 1 row kept longer already stay.",
    )
    assert "1 row without a retention" in said["Not set until now"][1]
    assert "reads it nowhere" in said["What it does"][1]


def test_is_elevated_also_for_one_row(row, increase):
    row(30)

    run = increase()
    assert (run.risk, run.subject) == (
        "elevated",
        "at least 60 d for the 1 repository",
    )


@pytest.mark.parametrize(
    ("days", "valid"), [(6, False), (7, True), (365, True), (366, False)]
)
def test_takes_the_platforms_bounds(platform_sql, days, valid):
    given = {"repositories": [factories.tracked(platform_sql)], "days": days}

    assert RaiseRetention.Form(given).is_valid() == valid


def test_follows_another_check(platform_sql):
    given = {"repositories": [factories.tracked(platform_sql)], "days": 400}
    change = f"ALTER TABLE {WTR} DROP CONSTRAINT {CHECK}; ALTER TABLE {WTR} ADD CONSTRAINT {CHECK} CHECK"
    platform_sql(f"{change} (data_retention_days >= 7 AND data_retention_days <= 400)")
    contract.forget()
    try:
        assert RaiseRetention.Form(given).is_valid()
    finally:
        platform_sql(
            f"{change} (data_retention_days >= 7 AND data_retention_days <= 365)"
        )
        contract.forget()
    assert not RaiseRetention.Form(given).is_valid()
