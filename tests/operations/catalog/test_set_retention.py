"""Set retention: also lower, and then it says so before anything changes."""

import pytest

from opsconsole.operations.catalog.set_retention import SetRetention
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"


def test_sets_it_and_nothing_else_and_brings_it_back(
    platform_sql, plan, applied, undone
):
    team = factories.workspace(platform_sql, tier="team")
    keys = {
        factories.tracked(platform_sql, team, data_retention_days=days): days
        for days in (7, 365, None)
    }
    whole = f"SELECT id, to_jsonb(t) FROM {WTR} t"
    before = dict(platform_sql(whole))

    run = applied(plan("set-retention", workspace=team, days=90))

    assert run.state == State.APPLIED, run.error
    assert dict(platform_sql(whole)) == {
        key: {**before[key], "data_retention_days": 90} for key in keys
    }
    assert undone(run).state == State.APPLIED
    assert dict(platform_sql(whole)) == before


def test_lowering_is_a_warning(platform_sql, plan, verdicts_of):
    """Trap 3.2 d: the runbook lowers 90 and 365 without a word."""
    for days in (30, 60, 90, 365, None):
        factories.tracked(platform_sql, data_retention_days=days)

    level, sentence = verdicts_of(plan("set-retention", matching="q=", days=60))[
        "Retention lowered"
    ]

    assert level == "warning"
    assert sentence.startswith(
        "2 rows are kept for up to 365 days now and would be for 60."
    )


def test_raising_is_not(platform_sql, plan, verdicts_of):
    factories.tracked(platform_sql, data_retention_days=60)

    said = verdicts_of(plan("set-retention", matching="q=", days=60))
    assert "Retention lowered" not in said


@pytest.mark.parametrize(
    ("days", "valid"), [(6, False), (7, True), (365, True), (366, False)]
)
def test_takes_the_platforms_bounds(platform_sql, days, valid):
    given = {"repositories": [factories.tracked(platform_sql)], "days": days}

    assert SetRetention.Form(given).is_valid() == valid


def test_is_routine(platform_sql, plan):
    factories.tracked(platform_sql, data_retention_days=30)

    run = plan("set-retention", matching="q=", days=60)
    assert (run.risk, run.subject) == ("routine", "60 d for the 1 repository")
