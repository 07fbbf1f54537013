"""Stop all syncs: what is due first, nothing left in the sync, everything back after it."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from opsconsole.integrations import functions, github
from opsconsole.operations import decisions
from opsconsole.operations.catalog.stop_all_syncs import StopAllSyncs
from opsconsole.operations.models import Chunk, EffectCheck
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from tests import factories
from tests.conftest import PLATFORM
from tests.operations.catalog import runbook
from tests.operations.outside import busy_names

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
        assert "workflow goes on" in said["The schedule"][1]  # GitHub is not configured

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


def test_the_runbooks_block_stops_nothing(platform_sql, mixed, stop, applied):
    """Trap 3.5.1: SQL and a shell line in one; sent whole, all of it is taken back."""
    before = dict(platform_sql(f"SELECT id, is_active FROM {WTR}"))

    with pytest.raises(psycopg.errors.SyntaxError):
        platform_sql(runbook.STOP_ALL_BLOCK)
    assert dict(platform_sql(f"SELECT id, is_active FROM {WTR}")) == before

    applied(stop())
    assert {row[1:] for row in platform_sql(SWITCHES)} == {(False, False)}


class TestSchedule:
    """The workflow on GitHub: the last step, which the rows do not wait for."""

    def test_is_switched_off_and_on_again(
        self, standin, platform_sql, mixed, stop, applied, undone
    ):
        run = applied(stop())

        assert run.state == State.APPLIED, (run.error, run.verification)
        assert not github.workflow(github.client()).enabled
        proof = {one["name"]: one for one in run.verification}["The schedule is off"]
        assert proof["level"] == "ok"

        back = undone(run)

        assert back.state == State.APPLIED, back.error
        assert github.workflow(github.client()).enabled
        assert {
            key: (fetch, active) for key, fetch, active in platform_sql(SWITCHES)
        } == mixed

    def test_one_that_was_off_stays_off(self, standin, mixed, stop, applied, undone):
        github.disable(github.client())

        undone(applied(stop()))

        assert not github.workflow(github.client()).enabled

    @pytest.mark.parametrize(
        "fault",
        [
            {"endpoint": "* /repos/*", "status": 503},
            {"endpoint": "PUT */disable", "status": 403},
            {"endpoint": "PUT */disable", "lost": True},
        ],
        ids=["down", "refused", "lost"],
    )
    def test_the_rows_are_off_whatever_becomes_of_it(
        self, standin, platform_sql, mixed, stop, applied, fault
    ):
        standin.faults.add(fault)

        run = applied(stop())

        assert {row[1:] for row in platform_sql(SWITCHES)} == {(False, False)}
        assert run.state in (State.APPLIED_WITH_PROBLEMS, State.WAITING), run.error

    def test_a_failed_call_is_not_called_a_changed_row(
        self, standin, mixed, stop, applied
    ):
        standin.faults.add({"endpoint": "PUT */disable", "status": 403})

        [first, *_] = applied(stop()).verification

        assert first["level"] == "warning"
        assert first["sentence"] == "1 call did not succeed; every row was written."

    def test_the_function_takes_nothing_also_not_what_is_added_paused(
        self, standin, platform_sql, mixed, stop, applied
    ):
        """Trap e: the runbook's is_active alone stops nothing."""
        platform_sql(f"UPDATE {WTR} SET next_sync_at = now() - interval '1 day'")
        client = functions.client()
        with psycopg.connect(PLATFORM) as runbook:
            runbook.execute(f"UPDATE {WTR} SET is_active = false")
            due = runbook.execute(
                f"SELECT count(*) FROM {WTR} WHERE fetch_issues AND next_sync_at <= now()"
            ).fetchone()
            runbook.rollback()
        assert due[0] > 0

        applied(stop())

        answer = functions.sync(client, limit=50, dry_run=True)
        assert answer.message == "No workspace repositories need issues sync"

    def test_a_row_added_afterwards_syncs_until_it_is_caught(
        self, standin, platform_sql, stop, applied
    ):
        """Trap 3.5.2: a stop is not sticky."""
        factories.tracked(platform_sql)
        applied(stop())
        added = factories.tracked(platform_sql, name=busy_names(1)[0])
        client = functions.client()
        assert functions.sync(client, limit=5, dry_run=True).results

        applied(stop())

        answer = functions.sync(client, limit=5, dry_run=True)
        assert answer.message == "No workspace repositories need issues sync"
        [(on,)] = platform_sql(f"SELECT fetch_issues FROM {WTR} WHERE id = %s", added)
        assert not on


def test_2500_rows_come_back_except_those_changed_meanwhile(
    platform_sql, stop, applied, undone, skipped_of
):
    """Every column of every row; what somebody changed is left alone and named."""
    workspace = factories.workspace(platform_sql, max_repositories=5_000)
    keys = [
        factories.tracked(
            platform_sql,
            workspace,
            fetch_issues=number % 7 != 0,
            is_active=number % 5 != 0,
        )
        for number in range(2_500)
    ]
    whole = f"SELECT id, to_jsonb(t) FROM {WTR} t"
    before = dict(platform_sql(whole))
    run = applied(stop())
    changed = [key for key in keys if before[key]["fetch_issues"]][:3]
    platform_sql(f"UPDATE {WTR} SET fetch_issues = NULL WHERE id = ANY(%s)", changed)

    back = undone(run)

    assert back.state == State.APPLIED_WITH_PROBLEMS, back.error
    assert len(skipped_of(back)) == 3
    after = dict(platform_sql(whole))
    assert {key for key in keys if after[key] != before[key]} == {*changed}
