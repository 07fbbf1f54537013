"""The engine's promise: what was planned is written, what changed since is left alone."""

from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from opsconsole.operations import decisions, engine
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.showing.outcomes import Outcome, RowList
from opsconsole.operations.states import State
from opsconsole.operations.steps.chunking import digest
from opsconsole.operations.tasks import work
from tests import factories
from tests.conftest import CONSOLE

pytestmark = pytest.mark.platform


def row(platform_sql, key):
    return platform_sql(
        "SELECT last_sync_status, last_sync_error, sync_attempts, next_sync_at"
        " FROM workspace_tracked_repositories WHERE id = %s",
        key,
    )[0]


class TestPlan:
    def test_stores_key_before_and_after_of_each_row(self, platform_sql, reset_plan):
        key = factories.failed(platform_sql, last_sync_error="broken %s {x} 'y'")
        factories.tracked(platform_sql)

        run = reset_plan()

        chunk = Chunk.objects.get(step__run=run)
        assert run.state == State.PLANNED
        assert chunk.keys == [key]
        assert chunk.before == {
            "last_sync_error": ["broken %s {x} 'y'"],
            "last_sync_status": ["failed"],
            "next_sync_at": ["2026-01-02 03:04:05.678901+00"],
            "sync_attempts": ["3"],
        }
        assert chunk.after["sync_attempts"] == "0"
        assert chunk.after["last_sync_error"] is None


class TestApply:
    def test_writes_exactly_the_planned_rows(self, platform_sql, reset_plan, applied):
        key = factories.failed(platform_sql)
        other = factories.tracked(platform_sql)
        before = row(platform_sql, other)

        run = applied(reset_plan())

        assert run.state == State.APPLIED, run.error
        assert row(platform_sql, key) == (None, None, 0, run.planned_at)
        assert row(platform_sql, other) == before
        assert (run.rows_planned, run.rows_written) == (1, 1)


class TestDrift:
    """A row that changed after the plan is skipped and named, never overwritten."""

    def test_leaves_a_changed_row_alone(self, platform_sql, reset_plan, applied):
        key = factories.failed(platform_sql, name="acme/changed")
        same = factories.failed(platform_sql)
        run = reset_plan()
        platform_sql(
            "UPDATE workspace_tracked_repositories SET sync_attempts = 4 WHERE id = %s",
            key,
        )

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert row(platform_sql, key)[2] == 4
        assert row(platform_sql, same)[2] == 0
        [skipped] = RowList(run, Outcome.SKIPPED)[:5]
        assert (skipped.label, skipped.why) == ("acme/changed", "changed")
        attempts = next(c for c in skipped.changes if c.column == "sync_attempts")
        assert (attempts.before, attempts.after, attempts.holds) == ("3", "0", "4")

    def test_names_a_deleted_row(self, platform_sql, reset_plan, applied):
        key = factories.failed(platform_sql, name="acme/deleted")
        factories.failed(platform_sql)
        run = reset_plan()
        platform_sql("DELETE FROM workspace_tracked_repositories WHERE id = %s", key)

        run = applied(run)

        [skipped] = RowList(run, Outcome.SKIPPED)[:5]
        assert (skipped.label, skipped.why) == ("acme/deleted", "deleted")
        assert (run.rows_written, run.rows_skipped) == (1, 1)

    def test_leaves_a_row_alone_that_left_the_selection(
        self, platform_sql, reset_plan, applied, operator
    ):
        """Its columns are as planned, but it now belongs to another workspace."""
        mine, other = (
            factories.workspace(platform_sql),
            factories.workspace(platform_sql),
        )
        key = factories.failed(platform_sql, mine, name="acme/moved")
        run = reset_plan(all_failed=False, workspace=mine)
        platform_sql(
            "UPDATE workspace_tracked_repositories SET workspace_id = %s WHERE id = %s",
            other,
            key,
        )

        run = applied(run)

        [skipped] = RowList(run, Outcome.SKIPPED)[:5]
        assert (skipped.label, skipped.why) == ("acme/moved", "left the selection")
        assert row(platform_sql, key)[0] == "failed"

    def test_counts_a_row_that_holds_the_new_value_already_as_found(
        self, platform_sql, reset_plan, applied
    ):
        key = factories.failed(platform_sql)
        run = reset_plan()
        platform_sql(
            "UPDATE workspace_tracked_repositories SET sync_attempts = 0,"
            " last_sync_error = NULL, last_sync_status = NULL, next_sync_at = %s"
            " WHERE id = %s",
            run.planned_at,
            key,
        )

        run = applied(run)

        assert (run.rows_written, run.rows_found, run.rows_skipped) == (0, 1, 0)
        assert run.state == State.APPLIED

    def test_does_not_touch_a_row_that_failed_after_the_plan(
        self, platform_sql, reset_plan, applied
    ):
        factories.failed(platform_sql)
        run = reset_plan()
        later = factories.failed(platform_sql)

        applied(run)

        assert row(platform_sql, later)[0] == "failed"


class TestGuarding:
    def test_refuses_a_tampered_chunk(self, platform_sql, reset_plan, applied):
        key = factories.failed(platform_sql)
        run = reset_plan()
        with psycopg.connect(CONSOLE, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(
                'UPDATE operations_chunk SET after = after || \'{"sync_attempts": "9"}\''
            )

        run = applied(run)

        assert run.state == State.FAILED
        assert "not the one that was planned" in run.error
        assert row(platform_sql, key)[0] == "failed"

    def test_refuses_a_chunk_whose_digest_was_tampered_with_too(
        self, platform_sql, reset_plan, operator
    ):
        """Before anything is written: the plan's hash covers the digests."""
        key = factories.failed(platform_sql)
        run = reset_plan()
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        with psycopg.connect(CONSOLE, autocommit=True) as intruder:
            intruder.execute("SET session_replication_role = replica")
            intruder.execute(
                'UPDATE operations_chunk SET after = after || \'{"sync_attempts": "9"}\''
            )
            [chunk] = Chunk.objects.all().as_text()
            intruder.execute(
                "UPDATE operations_chunk SET digest = %s",
                [digest(chunk.number, **chunk.texts)],
            )

        work(run.pk)

        run.refresh_from_db()
        assert run.state == State.FAILED
        assert run.error == "The stored plan is not the one that was confirmed."
        assert row(platform_sql, key)[0] == "failed"

    def test_database_refuses_to_change_a_plan(self, platform_sql, reset_plan):
        factories.failed(platform_sql)
        reset_plan()

        with pytest.raises(DatabaseError, match="a plan cannot be changed"):
            Chunk.objects.update(after={})

    @pytest.mark.parametrize(
        "deed",
        [
            "UPDATE operations_chunk SET keys = '{}'",
            "DELETE FROM operations_chunk",
            "INSERT INTO operations_chunk SELECT id + 1000, step_id, number + 9, keys, before,"
            " after, labels, digest, state FROM operations_chunk",
            "UPDATE operations_run SET summary = '{}'",
            "UPDATE operations_run SET params = '{}'",
            "UPDATE operations_step SET selection_sql = ''",
        ],
    )
    def test_database_keeps_the_whole_plan(self, platform_sql, reset_plan, deed):
        factories.failed(platform_sql)
        reset_plan()

        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(deed)

    def test_notices_a_chunk_that_vanished_on_the_way(
        self, platform_sql, reset_plan, applied, monkeypatch
    ):
        factories.failed(platform_sql)
        run = reset_plan()
        start = engine._start

        def start_and_lose_a_chunk(run):
            with psycopg.connect(CONSOLE, autocommit=True) as intruder:
                intruder.execute("SET session_replication_role = replica")
                more = start(run)
                intruder.execute("DELETE FROM operations_chunk")
            return more

        monkeypatch.setattr(engine, "_start", start_and_lose_a_chunk)
        run = applied(run)

        assert run.state == State.FAILED
        assert "not the one that was confirmed" in run.error

    def test_refuses_a_plan_of_an_older_version(
        self, platform_sql, reset_plan, operator, monkeypatch
    ):
        factories.failed(platform_sql)
        run = reset_plan()
        monkeypatch.setattr(run.definition, "version", 2)

        with pytest.raises(decisions.Refused, match="changed since the plan"):
            decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)

    def test_refuses_an_expired_plan(self, platform_sql, reset_plan, operator):
        factories.failed(platform_sql)
        run = reset_plan()
        Run.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        with pytest.raises(decisions.Refused, match="too old"):
            decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)

    def test_expires_at_the_claim(self, platform_sql, reset_plan, operator):
        key = factories.failed(platform_sql)
        run = reset_plan()
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        Run.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

        work(run.pk)

        run.refresh_from_db()
        assert run.state == State.EXPIRED
        assert row(platform_sql, key)[0] == "failed"

    def test_runs_once_however_often_the_message_comes(
        self, platform_sql, reset_plan, applied
    ):
        factories.failed(platform_sql)

        run = applied(reset_plan())

        assert [work(run.pk) for _ in range(3)] == ["held or finished"] * 3

    def test_a_worker_whose_lease_ran_out_writes_nothing(
        self, platform_sql, reset_plan, operator
    ):
        key = factories.failed(platform_sql)
        run = reset_plan()
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        zombie = Run.objects.claim(run.pk)
        engine.advance(zombie, engine.Shift())
        Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

        with pytest.raises(engine.LeaseLost):
            engine.advance(zombie, engine.Shift())

        assert row(platform_sql, key)[0] == "failed"
        assert Chunk.objects.get(step__run=run).state == Chunk.State.PLANNED

    def test_cancel_is_granted_before_the_next_chunk(
        self, platform_sql, reset_plan, operator
    ):
        key = factories.failed(platform_sql)
        run = reset_plan()
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        held = Run.objects.claim(run.pk)
        engine.advance(held, engine.Shift())
        decisions.cancel(Run.objects.get(pk=run.pk), operator)

        engine.advance(held, engine.Shift())

        run.refresh_from_db()
        assert run.state == State.CANCELLED
        assert row(platform_sql, key)[0] == "failed"


class TestLargePlan:
    def test_walks_many_chunks(self, platform_sql, reset_plan, applied):
        """1,234 rows: three chunks, the last one not full."""
        key = factories.failed(platform_sql)
        platform_sql(
            "CREATE TEMP TABLE more AS SELECT t.* FROM workspace_tracked_repositories t"
            " JOIN generate_series(2, 1234) ON t.id = %s",
            key,
        )
        platform_sql("SET session_replication_role = replica")
        platform_sql(
            "UPDATE more SET id = gen_random_uuid(), tracked_repository_id = gen_random_uuid()"
        )
        platform_sql("INSERT INTO workspace_tracked_repositories SELECT * FROM more")

        run = applied(reset_plan())

        assert (run.rows_planned, run.rows_written) == (1234, 1234)
        assert Chunk.objects.filter(step__run=run).count() == 3
        assert platform_sql(
            "SELECT count(*) FROM workspace_tracked_repositories WHERE last_sync_status IS NULL AND sync_attempts = 0"
        ) == [(1234,)]


class TestFailure:
    def test_an_error_stops_the_run_and_is_shown(
        self, platform_sql, reset_plan, applied, operator, client_of
    ):
        """A trigger of the platform refuses the write: three tries would not help."""
        factories.failed(platform_sql)
        run = reset_plan()
        platform_sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'frozen <b>for audit</b>'; END $$"
        )
        platform_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON workspace_tracked_repositories"
            " EXECUTE FUNCTION refuse()"
        )
        try:
            run = applied(run)
        finally:
            platform_sql("DROP FUNCTION refuse CASCADE")

        assert run.state == State.FAILED
        assert run.rows_written == 0
        page = client_of(operator).get(run.get_absolute_url()).text
        assert "frozen &lt;b&gt;for audit&lt;/b&gt;" in page

    def test_a_decision_that_came_too_late_is_refused(
        self, platform_sql, reset_plan, operator
    ):
        factories.failed(platform_sql)
        run = reset_plan()
        same = Run.objects.get(pk=run.pk)
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)

        with pytest.raises(decisions.Refused, match="no longer planned"):
            decisions.confirm(
                same, operator, reason="because", plan_hash=same.plan_hash
            )
