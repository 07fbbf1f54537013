"""Stop all syncs: what is due first, nothing left in the sync, everything back after it."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.operations import decisions
from opsconsole.operations.catalog.stop_all_syncs import StopAllSyncs
from opsconsole.operations.models import Chunk, EffectCheck
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
SWITCHES = f"SELECT id, fetch_issues, is_active FROM {WTR}"
PAST, FUTURE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
Effect = EffectCheck.Effect


@pytest.fixture
def stop(plan):
    return lambda: plan("stop-all-syncs")


@pytest.fixture
def mixed(platform_sql):
    """Rows with every combination of the two switches."""
    return {
        factories.tracked(platform_sql, fetch_issues=fetch, is_active=active): (
            fetch,
            active,
        )
        for fetch in (True, False, None)
        for active in (True, False, None)
    }


def test_takes_every_row_out_of_the_sync(platform_sql, mixed, stop, applied):
    """The runbook sets is_active alone, which the sync function does not read."""
    run = applied(stop())

    assert run.state == State.APPLIED, run.error
    assert {row[1:] for row in platform_sql(SWITCHES)} == {(False, False)}


def test_the_undo_gives_back_exactly_what_there_was(
    platform_sql, mixed, stop, applied, undone
):
    """The runbook's way back activates also what was off before."""
    undo = undone(applied(stop()))

    assert undo.state == State.APPLIED, undo.error
    assert {
        key: (fetch, active) for key, fetch, active in platform_sql(SWITCHES)
    } == mixed


def test_what_somebody_switched_on_meanwhile_stays_on(
    platform_sql, stop, applied, undone, skipped_of
):
    key = factories.tracked(platform_sql, name="acme/wanted", fetch_issues=None)
    run = applied(stop())
    platform_sql(f"UPDATE {WTR} SET fetch_issues = true")

    undo = undone(run)

    assert skipped_of(undo) == {"acme/wanted": "changed"}
    assert platform_sql(SWITCHES) == [(key, True, True)]


def test_what_is_due_now_comes_first(platform_sql, stop, monkeypatch):
    monkeypatch.setattr("opsconsole.operations.steps.chunking.CHUNK_ROWS", 3)
    due = {factories.tracked(platform_sql, next_sync_at=PAST) for _ in range(3)}
    for next_sync_at in (FUTURE, None, FUTURE, None):
        factories.tracked(platform_sql, next_sync_at=next_sync_at)

    run = stop()

    for step in run.steps.all():
        first, *others = Chunk.objects.filter(step=step).order_by("number")
        assert set(first.keys) == due
        assert sum(len(chunk.keys) for chunk in others) == 4


def test_is_an_emergency(platform_sql, stop, operator):
    factories.tracked(platform_sql)
    run = stop()
    sure = {"reason": "because", "plan_hash": run.plan_hash}

    assert (run.risk, run.cluster, run.rows_planned) == ("emergency", "urgent", 2)
    with pytest.raises(decisions.Refused, match="Number of rows"):
        decisions.confirm(run, operator, **sure, fresh=True)


def test_is_stopped_twice_without_harm(platform_sql, mixed, stop, applied):
    applied(stop())

    again = stop()

    assert again.rows_planned == 0
    assert "No row would change" in decisions.blocking(again)


class TestVerdicts:
    def test_how_many_run_now_and_how_many_do_not(
        self, platform_sql, stop, verdicts_of
    ):
        for fetch, next_sync_at in [(True, PAST), (True, FUTURE), (False, PAST)]:
            factories.tracked(
                platform_sql, fetch_issues=fetch, next_sync_at=next_sync_at
            )

        said = verdicts_of(stop())

        assert said["What stops"][1].startswith("2 rows in the sync, 1 due now")
        assert said["What stays off"][1].startswith("1 row paused before: not touched")
        assert said["What is added"][0] == "warning"
        assert "workflow on GitHub goes on" in said["What goes on"][1]

    def test_what_a_longer_stop_loses(self, platform_sql, stop, verdicts_of):
        synced = datetime.now(UTC) - timedelta(hours=20, minutes=30)
        factories.tracked(platform_sql, last_sync_at=synced)

        level, sentence = verdicts_of(stop())["Coverage gap"]

        assert level == "warning"
        assert sentence.endswith("For the first ones that begins in 3 h.")

    def test_paying_customers_are_named(self, platform_sql, stop, verdicts_of):
        pro = factories.workspace(platform_sql, tier="pro")
        factories.tracked(platform_sql, pro)

        assert verdicts_of(stop())["Paid tiers"][1].startswith("1 row of pro:")


class TestProof:
    """Rows are made while it runs: a user adds a repository."""

    def proof(self):
        [verdict] = StopAllSyncs().proofs(None, Moment(datetime.now(UTC)))
        return verdict.level, verdict.sentence

    def test_nothing_is_left_in_the_sync(self, platform_sql):
        factories.tracked(platform_sql, fetch_issues=False)

        assert self.proof() == ("ok", "No row is left in the sync.")

    @pytest.mark.parametrize(
        ("next_sync_at", "level", "due"),
        [(PAST, "blocking", 1), (FUTURE, "warning", 0), (None, "warning", 0)],
    )
    def test_what_was_added_is_found(self, platform_sql, next_sync_at, level, due):
        factories.tracked(platform_sql, next_sync_at=next_sync_at)

        found, sentence = self.proof()
        assert found == level
        assert sentence.startswith(f"1 row in the sync again, {due} of them due")


class TestEffect:
    @pytest.fixture
    def effect(self, platform_sql, stop, applied):
        factories.tracked(platform_sql)
        run = applied(stop())
        return lambda: StopAllSyncs().effect(run, Moment(datetime.now(UTC)))

    def test_is_that_nothing_syncs(self, effect):
        assert effect()[0] == Effect.EFFECTIVE

    def test_is_partly_when_a_row_was_added(self, platform_sql, effect):
        factories.tracked(platform_sql)

        assert effect() == (
            Effect.PARTLY,
            "0 rows synced since, 1 in the sync: added or switched on after the stop.",
        )

    @pytest.mark.parametrize(
        ("minutes", "word"), [(9, Effect.EFFECTIVE), (11, Effect.PARTLY)]
    )
    def test_does_not_count_a_run_that_had_begun(
        self, platform_sql, effect, minutes, word
    ):
        platform_sql(
            f"UPDATE {WTR} SET last_sync_at = now() + make_interval(mins => %s)",
            minutes,
        )

        assert effect()[0] == word
