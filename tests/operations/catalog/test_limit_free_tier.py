"""Limit free-tier syncs: really as many workspaces, really free ones, in a known order."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.operations.catalog.limit_free_tier import LimitFreeTier
from opsconsole.operations.models import EffectCheck
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning import planner
from opsconsole.operations.states import State
from tests import factories
from tests.operations.catalog import runbook

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
LATELY = datetime(2026, 11, 1, tzinfo=UTC)
Effect = EffectCheck.Effect


@pytest.fixture
def limit(plan):
    return lambda how_many: plan("limit-free-tier", how_many=how_many)


@pytest.fixture
def workspace(platform_sql):
    """A workspace with as many repositories, of these priorities; free unless told."""

    def make(*priorities, fetch_issues=True, **values):
        made = factories.workspace(platform_sql, **{"last_activity_at": None} | values)
        for priority in priorities:
            given = {"priority_score": priority, "fetch_issues": fetch_issues}
            factories.tracked(platform_sql, made, **given)
        return made

    return make


@pytest.fixture
def paused(platform_sql):
    """The workspaces none of whose repositories is in the sync."""
    sql = (
        f"SELECT workspace_id FROM {WTR} GROUP BY 1"
        " HAVING bool_and(fetch_issues IS FALSE)"
    )
    return lambda: {pk for (pk,) in platform_sql(sql)}


@pytest.fixture
def mixed(workspace):
    """3 free workspaces, and one each of pro and team."""
    free = [workspace(50, 50) for _ in range(3)]
    return free, [workspace(50, tier="pro"), workspace(50, tier="team")]


class TestTheRunbook:
    """Trap 3.2 b: the subquery takes the outer row's workspace_id."""

    def test_switches_off_everybody_and_stops_nothing(self, platform_sql, mixed):
        with runbook.tried(platform_sql, runbook.LIMIT_FREE_TIER):
            found = platform_sql(
                f"SELECT tier, bool_or(t.is_active), bool_or(t.fetch_issues) FROM {WTR} t"
                " JOIN workspaces w ON w.id = t.workspace_id GROUP BY 1 ORDER BY 1"
            )

        assert found == [(tier, False, True) for tier in ("free", "pro", "team")]

    def test_does_nothing_without_a_free_workspace(self, platform_sql, workspace):
        workspace(50, tier="pro")

        with runbook.tried(platform_sql, runbook.LIMIT_FREE_TIER):
            assert platform_sql(f"SELECT is_active FROM {WTR}") == [(True,)]


class TestWhichWorkspaces:
    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_exactly_as_many_and_free_ones_alone(
        self, mixed, limit, applied, paused, number
    ):
        free, _ = mixed

        run = applied(limit(number))

        assert run.state == State.APPLIED, run.error
        assert len(paused()) == number
        assert paused() <= set(free)
        assert run.rows_written == 2 * number

    def test_all_columns_but_one_stay(self, platform_sql, mixed, limit, applied):
        whole = f"SELECT id, to_jsonb(t) - 'fetch_issues' FROM {WTR} t"
        before = dict(platform_sql(whole))

        applied(limit(3))

        assert dict(platform_sql(whole)) == before

    def test_the_lowest_priority_first(self, workspace, limit, applied, paused):
        """A workspace's is that of its repository which is taken first; NULL is before all."""
        workspace(10, None)
        low, middle = workspace(20, 30), workspace(10, 40)
        workspace(50)

        applied(limit(2))

        assert paused() == {low, middle}

    def test_of_equal_priority_the_longest_quiet(
        self, workspace, limit, applied, paused
    ):
        workspace(50, last_activity_at=LATELY)
        older = workspace(50, last_activity_at=LATELY - timedelta(days=1))
        never = workspace(50, last_activity_at=None)

        applied(limit(2))

        assert paused() == {older, never}

    def test_deleted_ones_before_all_others(self, workspace, limit, applied, paused):
        workspace(1)
        deleted = workspace(100, is_active=False)

        applied(limit(1))

        assert paused() == {deleted}

    def test_otherwise_by_id(self, mixed, limit, applied, paused):
        free, _ = mixed

        applied(limit(1))

        assert paused() == {min(free)}

    def test_those_that_sync_nothing_do_not_count(
        self, workspace, limit, applied, paused
    ):
        idle = workspace(1, fetch_issues=False)
        workspace()
        syncing = workspace(50)

        run = applied(limit(1))

        assert run.rows_written == 1
        assert paused() == {idle, syncing}

    def test_what_is_paused_already_is_left_and_stays_so(
        self, platform_sql, workspace, limit, applied, undone
    ):
        made = workspace(50)
        off = factories.tracked(platform_sql, made, fetch_issues=False)
        before = dict(platform_sql(f"SELECT id, to_jsonb(t) FROM {WTR} t"))

        run = applied(limit(1))
        undo = undone(run)

        assert (run.rows_written, undo.state) == (1, State.APPLIED)
        after = dict(platform_sql(f"SELECT id, to_jsonb(t) FROM {WTR} t"))
        assert after == before
        assert after[off]["fetch_issues"] is False


class TestMeanwhile:
    def test_one_that_pays_since_is_not_touched(
        self, platform_sql, limit, applied, skipped_of
    ):
        made = factories.workspace(platform_sql)
        factories.tracked(platform_sql, made, name="acme/upgraded")
        run = limit(1)
        platform_sql("UPDATE workspaces SET tier = 'pro'")

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert skipped_of(run) == {"acme/upgraded": "left the selection"}
        assert platform_sql(f"SELECT fetch_issues FROM {WTR}") == [(True,)]

    def test_no_other_one_is_taken_in_its_place(
        self, platform_sql, workspace, limit, applied, paused
    ):
        first = min(workspace(50), workspace(50))
        run = limit(1)
        platform_sql("UPDATE workspaces SET tier = 'pro' WHERE id = %s", first)

        applied(run)

        assert paused() == set()

    def test_what_was_added_is_found_by_the_proof(
        self, platform_sql, workspace, limit, applied
    ):
        """Trap 3.5.2: a row that is added syncs."""
        made = workspace(50)
        run = applied(limit(1))
        factories.tracked(platform_sql, made)

        [verdict] = LimitFreeTier().proofs(run, Moment(datetime.now(UTC), run.facts))

        assert verdict.level == "warning"
        assert verdict.sentence.startswith(
            "1 row of these workspaces in the sync again"
        )


class TestVerdicts:
    def test_say_how_many_which_and_in_which_order(self, workspace, limit, verdicts_of):
        for priority in (10, 20, None):
            workspace(priority)

        said = verdicts_of(limit(3))

        assert said["Exactly as many"] == (
            "ok",
            "3 of 3 free workspaces that have repositories in the sync.",
        )
        assert said["Tiers meant"] == ("ok", "Rows of free alone.")
        assert said["Which ones"][1].endswith(
            "Priorities of the chosen ones: 10 to not set."
        )
        assert "Fewer than asked for" not in said

    def test_when_there_are_fewer(self, workspace, limit, verdicts_of):
        workspace(50)

        level, sentence = verdicts_of(limit(50))["Fewer than asked for"]

        assert level == "warning"
        assert sentence == (
            "50 are asked for; 1 free workspace has repositories in the sync."
        )

    def test_when_there_are_none(self, workspace, limit):
        workspace(50, tier="team")

        with pytest.raises(planner.CannotPlan, match="there is nothing to limit"):
            limit(50)

    def test_what_it_saves(self, platform_sql, workspace, limit, verdicts_of):
        """24 repositories of 24 h are one call an hour; 12 of them are half of it."""
        for _ in range(2):
            workspace(*[50] * 12)

        level, sentence = verdicts_of(limit(1))["Calls saved"]

        assert level == "ok"
        assert sentence.startswith("About 0.5 calls an hour fewer: 0.5 instead of 1.0")

    def test_when_the_schedule_is_full_anyway(
        self, workspace, limit, verdicts_of, settings
    ):
        settings.SCHEDULE_SLOTS = 1
        for _ in range(2):
            workspace(*[50] * 24)

        level, sentence = verdicts_of(limit(1))["Calls saved"]

        assert level == "warning"
        assert sentence.startswith("About none: 1.0 repositories an hour fall due even")

    def test_is_an_emergency(self, workspace, limit):
        workspace(50)

        run = limit(1)

        assert (run.risk, run.cluster) == ("emergency", "urgent")


@pytest.mark.parametrize(
    ("minutes", "word"), [(9, Effect.EFFECTIVE), (11, Effect.PARTLY)]
)
def test_the_effect_is_that_they_sync_no_more(
    platform_sql, workspace, limit, applied, minutes, word
):
    made = workspace(50)
    workspace(60)
    run = applied(limit(1))
    platform_sql(
        f"UPDATE {WTR} SET last_sync_at = now() + make_interval(mins => %s)"
        " WHERE workspace_id = %s",
        minutes,
        made,
    )

    found, _ = LimitFreeTier().effect(run, Moment(datetime.now(UTC), run.facts))
    assert found == word


@pytest.mark.parametrize("number", [0, -1, 10_001, "x"])
def test_refuses(databases, number):
    assert "how_many" in LimitFreeTier.Form({"how_many": number}).errors
