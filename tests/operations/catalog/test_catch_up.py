"""Catch up: what the schedule does not reach any more, because of a stop."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.operations.states import State
from tests import factories
from tests.operations.outside import busy_names

pytestmark = pytest.mark.platform
NOW = datetime.now(UTC)
STOPPED = NOW - timedelta(hours=10)
WTR = "workspace_tracked_repositories"


@pytest.fixture
def tracked(platform_sql):
    """A repository whose last sync was so many hours ago; not due. Its id."""
    names = iter(busy_names(5))

    def make(hours, **values):
        return factories.tracked(
            platform_sql,
            name=next(names),
            last_sync_at=NOW - timedelta(hours=hours),
            next_sync_at=NOW + timedelta(hours=5),
            **values,
        )

    return make


def test_syncs_what_fell_out_of_reach_during_the_stop(
    standin, platform_sql, tracked, plan, applied
):
    """The schedule fetches 24 h: 23 h ago it still reaches, 35 h it never reached."""
    fell_out = {tracked(25), tracked(33)}
    tracked(23), tracked(35), tracked(30, fetch_issues=False)

    run = applied(plan("catch-up", since=STOPPED, most=100))

    assert run.state == State.APPLIED, (run.error, run.verification)
    synced = platform_sql(f"SELECT id FROM {WTR} WHERE last_sync_at > %s", NOW)
    assert {key for (key,) in synced} == fell_out


def test_reaches_back_as_far_as_each_gap(standin, tracked, plan):
    """Trap 3.5.6: the schedule's 24 h leave out what is longer ago."""
    tracked(25)

    [wave] = plan("catch-up", since=STOPPED, most=100).facts["waves"]

    assert wave["hours_back"] in (26, 27)


def test_says_what_is_left(standin, tracked, plan, verdicts_of):
    tracked(25), tracked(33)

    run = plan("catch-up", since=STOPPED, most=1)

    assert (
        verdicts_of(run)["The gap"]
        == [
            "warning",
            "2 have fallen out of the schedule's reach since then; 1 are not in this plan:"
            " plan again afterwards.",
        ]
        or verdicts_of(run)["The gap"][0] == "warning"
    )
    assert run.facts["waves"][0]["hours_back"] in (26, 27)
