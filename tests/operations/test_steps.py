"""Each kind of step: what it writes, what it leaves alone, and what its undo brings back."""

from uuid import UUID

import psycopg
import pytest

from opsconsole.operations.engine import refusals
from opsconsole.operations.models import Chunk
from opsconsole.operations.planning import undo
from opsconsole.operations.showing.outcomes import RowList
from opsconsole.operations.states import State
from opsconsole.operations.steps import chunking
from opsconsole.platform.db import writing
from tests import factories
from tests.conftest import PLATFORM
from tests.operations.demonstration import AWKWARD
from tests.operations.stage import assert_as_reported, left_alone
from tests.supervisor.processes import wait_until

pytestmark = pytest.mark.platform


class TestChangeRows:
    def test_values_of_every_type_come_back_exactly(self, stage, plan, applied, undone):
        stage.fill(3)
        stage.fill(2, kind="other")
        before = stage.rows()

        run = applied(plan("demo-everything", columns=[*AWKWARD]))

        assert run.state == State.APPLIED, run.error
        assert_as_reported(stage, [run])
        after = stage.sql(
            "SELECT facts ->> 'ä', tags FROM demonstration WHERE value IS NULL"
        )
        assert after == [(AWKWARD["facts"]["ä"], AWKWARD["tags"])] * 3

        back = undone(run)

        assert back.state == State.APPLIED, back.error
        assert_as_reported(stage, [run, back])
        assert stage.rows() == before

    @pytest.mark.parametrize(
        "setting",
        [
            "datestyle = 'SQL, DMY'",
            "timezone = 'Asia/Kathmandu'",
            "search_path = pg_temp, pg_catalog",
        ],
    )
    def test_values_come_back_whatever_the_role_is_set_to(
        self, stage, plan, applied, setting
    ):
        """A moment is stored as text, and read by a session that prints it otherwise."""
        stage.fill(1)
        stage.sql(f"ALTER ROLE opsconsole_writer SET {setting}")
        try:
            run = applied(plan("demo-everything", columns=["at"]))
        finally:
            name = setting.partition(" ")[0]
            reset = "SET timezone = 'UTC'" if name == "timezone" else f"RESET {name}"
            stage.sql(f"ALTER ROLE opsconsole_writer {reset}")

        assert run.rows_written == 1, run.error
        assert stage.sql("SELECT at FROM demonstration") == [(AWKWARD["at"],)]

    @pytest.mark.parametrize(
        ("index", "order"),
        [
            ("", "id"),
            ("CREATE INDEX ON demonstration (value)", "ctid"),
            ("CREATE INDEX ON demonstration (amount) WHERE value > 0", "ctid"),
            ("CREATE INDEX ON demonstration (amount)", "id"),
        ],
        ids=["none", "of the column", "in a condition", "of another"],
    )
    def test_rows_that_an_index_follows_are_taken_page_by_page(
        self, stage, plan, monkeypatch, index, order
    ):
        monkeypatch.setattr(chunking, "CHUNK_ROWS", 5)
        stage.fill(20)
        stage.sql(index or "SELECT 1")

        run = plan("demo-change", add=5)

        first = stage.sql(
            f"SELECT array_agg(id) FROM (SELECT id FROM demonstration ORDER BY {order} LIMIT 5) s"
        )
        chunk = Chunk.objects.get(step__run=run, number=0)
        assert set(chunk.keys) == set(first[0][0])

    def test_a_plan_of_many_different_values_shows_their_range(self, stage, plan):
        """In the column's own order: 9 comes before 10; and jsonb has no order at all."""
        for number in range(7, 15):
            held = {"value": number, "facts": {"n": number}}
            stage.insert({**held, "amount": number})

        numbers = plan("demo-change", add=2).summary["steps"][0]["columns"][0]["range"]
        run = plan("demo-everything", columns=["facts", "amount"])

        assert numbers == {
            "values": 8,
            "least": "7",
            "most": "14",
            "new_least": "9",
            "new_most": "16",
        }
        ranges = [one["range"] for one in run.summary["steps"][0]["columns"]]
        assert [one["values"] for one in ranges] == [8, 8]
        assert ranges[0]["least"] == "7.000"

    def test_a_table_of_the_same_name_in_the_session_is_not_meant(self, stage):
        with writing.writing() as cursor:
            cursor.execute("SELECT current_setting('search_path')")
            assert cursor.fetchone() == ("public, pg_temp",)

    def test_drift_is_named_with_both_values(self, stage, plan, applied, undone):
        changed, deleted, left, same = stage.fill(4)
        run = plan("demo-change", add=5)
        stage.touch(changed)
        stage.delete(deleted)
        stage.sql(
            "UPDATE demonstration SET kind = 'other', hand = NULL WHERE id = %s", left
        )
        new = stage.fill(1)

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert left_alone(run) == {
            "row 1": ("changed", {"value": "1000011"}),
            "row 2": ("deleted", {"value": None}),
            "row 3": ("left the selection", {"value": "13"}),
        }
        assert stage.value(same) == 19
        assert stage.value(new[0]) == 11
        assert run.rows_written == 1

    def test_a_workspace_that_became_paying_is_left_alone(
        self, stage, platform_sql, plan, applied
    ):
        free, pro = factories.workspace(platform_sql), factories.workspace(platform_sql)
        stays, upgraded = (
            factories.tracked(platform_sql, free),
            factories.tracked(platform_sql, pro),
        )
        run = plan("demo-limit-free")
        platform_sql("UPDATE workspaces SET tier = 'pro' WHERE id = %s", pro)

        run = applied(run)

        fetching = dict(
            platform_sql("SELECT id, fetch_issues FROM workspace_tracked_repositories")
        )
        assert fetching == {stays: False, upgraded: True}
        assert [why for why, _ in left_alone(run).values()] == ["left the selection"]


class TestInsertRows:
    def test_inserts_the_planned_rows_under_the_planned_keys(
        self, stage, plan, applied, undone
    ):
        stage.fill(3)

        run = applied(plan("demo-insert"))

        assert (run.state, run.rows_written) == (State.APPLIED, 3), run.error
        inserted = stage.rows("demonstration_archive")
        assert {row["name"]: row["value"] for row in inserted.values()} == {
            "row 1": "22",
            "row 2": "24",
            "row 3": "26",
        }
        assert set(inserted) == {row.key for row in RowList(run)[:]}

        back = undone(run)
        assert (back.state, back.rows_written) == (State.APPLIED, 3), back.error
        assert stage.rows("demonstration_archive") == {}

        again = undone(back)
        assert (again.state, again.rows_written) == (State.APPLIED, 3), again.error
        assert stage.rows("demonstration_archive") == inserted

    def test_a_row_that_somebody_inserted_meanwhile_is_left_alone(
        self, stage, plan, applied
    ):
        stage.fill(2)
        run = plan("demo-insert")
        stage.sql("INSERT INTO demonstration_archive (name, value) VALUES ('row 1', 7)")

        run = applied(run)

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert left_alone(run)["row 1"][0] == "exists"
        assert stage.sql(
            "SELECT name, value FROM demonstration_archive ORDER BY 1"
        ) == [("row 1", 7), ("row 2", 24)]

    def test_a_source_that_left_the_selection_is_not_copied(self, stage, plan, applied):
        left, gone, _ = stage.fill(3)
        run = plan("demo-insert")
        stage.sql("UPDATE demonstration SET kind = 'other' WHERE id = %s", left)
        stage.delete(gone)

        run = applied(run)

        assert {label: why for label, (why, _) in left_alone(run).items()} == {
            "row 1": "left the selection",
            "row 2": "left the selection",
        }
        assert [
            row["name"] for row in stage.rows("demonstration_archive").values()
        ] == ["row 3"]

    def test_undo_leaves_a_row_alone_that_changed_since(
        self, stage, plan, applied, undone
    ):
        stage.fill(3)
        run = applied(plan("demo-insert"))
        stage.sql("UPDATE demonstration_archive SET value = 7 WHERE name = 'row 1'")
        stage.sql("DELETE FROM demonstration_archive WHERE name = 'row 2'")

        back = undone(run)

        assert back.state == State.APPLIED_WITH_PROBLEMS
        assert left_alone(back) == {
            "row 1": ("changed", {"name": "row 1", "value": "7"})
        }
        assert (back.rows_written, back.rows_found) == (1, 1)
        assert stage.sql("SELECT name, value FROM demonstration_archive") == [
            ("row 1", 7)
        ]
        run.refresh_from_db()
        assert run.state == State.APPLIED


class TestDeleteRows:
    def test_kept_rows_come_back_whole(self, stage, plan, applied, undone):
        stage.fill(3)
        stage.fill(1, kind="other")
        before = stage.rows()

        run = applied(plan("demo-delete"))
        assert (run.state, run.rows_written) == (State.APPLIED, 3), run.error
        assert len(stage.rows()) == 1

        back = undone(run)
        assert (back.state, back.rows_written) == (State.APPLIED, 3), back.error
        assert stage.rows() == before

    def test_drift_is_left_alone(self, stage, plan, applied):
        changed, deleted, left, _ = stage.fill(4)
        run = plan("demo-delete")
        stage.sql("UPDATE demonstration SET hand = 'other' WHERE id = %s", changed)
        stage.delete(deleted)
        stage.sql("UPDATE demonstration SET kind = 'other' WHERE id = %s", left)
        new = stage.fill(1)

        run = applied(run)

        why = {label: why for label, (why, _) in left_alone(run).items()}
        assert why == {"row 1": "changed", "row 3": "changed"}
        assert '"hand": "other"' in left_alone(run)["row 1"][1]["*"]
        assert (run.rows_written, run.rows_found) == (1, 1)
        assert set(stage.rows()) == {changed, left, *new}

    def test_undo_does_not_overwrite_a_row_that_is_there_again(
        self, stage, plan, applied, undone
    ):
        one, _ = stage.fill(2)
        run = applied(plan("demo-delete"))
        stage.sql("INSERT INTO demonstration (id, name) VALUES (%s, 'mine')", one)

        back = undone(run)

        assert back.state == State.APPLIED_WITH_PROBLEMS
        assert [why for why, _ in left_alone(back).values()] == ["exists"]
        assert {row["name"] for row in stage.rows().values()} == {"mine", "row 2"}

    def test_for_good_says_so_before_and_cannot_be_undone(
        self, stage, plan, applied, verdicts_of
    ):
        left, _ = stage.fill(2)
        run = plan("demo-delete-for-good")
        assert verdicts_of(run)["Cannot be undone"] == (
            "warning",
            "Nothing undoes this: Delete.",
        )

        stage.sql("UPDATE demonstration SET kind = 'other' WHERE id = %s", left)
        run = applied(run)

        assert (run.rows_written, run.rows_skipped) == (1, 1)
        assert set(stage.rows()) == {left}
        assert undo.obstacle(run) == "Nothing that it did can be undone."


class TestMoveRows:
    def test_moves_and_moves_back(self, stage, plan, applied, undone):
        stage.fill(3)
        stage.fill(1, kind="other")
        before = stage.rows()

        run = applied(plan("demo-move"))
        assert (run.state, run.rows_written) == (State.APPLIED, 3), run.error
        assert len(stage.rows()) == 1
        archived = stage.rows("demonstration_archive")
        assert archived == {k: row for k, row in before.items() if k in archived}
        assert len(archived) == 3

        back = undone(run)
        assert (back.state, back.rows_written) == (State.APPLIED, 3), back.error
        assert stage.rows() == before
        assert stage.rows("demonstration_archive") == {}

    def test_drift_is_left_where_it_is(self, stage, plan, applied, undone):
        left, deleted, there, same = stage.fill(4)
        run = plan("demo-move")
        stage.sql("UPDATE demonstration SET kind = 'other' WHERE id = %s", left)
        stage.delete(deleted)
        stage.sql(
            "INSERT INTO demonstration_archive (id, name) VALUES (%s, 'mine')", there
        )
        new = stage.fill(1)

        run = applied(run)

        assert {label: why for label, (why, _) in left_alone(run).items()} == {
            "row 1": "left the selection",
            "row 2": "deleted",
            "row 3": "exists",
        }
        assert set(stage.rows()) == {left, there, *new}
        assert set(stage.rows("demonstration_archive")) == {there, same}
        assert stage.rows("demonstration_archive")[there]["name"] == "mine"

        back = undone(run)
        assert (back.state, back.rows_written) == (State.APPLIED, 1)
        assert set(stage.rows("demonstration_archive")) == {there}

    def test_what_somebody_changed_in_the_archive_comes_back_changed(
        self, stage, plan, applied, undone
    ):
        [key] = stage.fill(1)
        run = applied(plan("demo-move"))
        stage.sql("UPDATE demonstration_archive SET hand = 'other'")

        undone(run)

        assert stage.rows()[key]["hand"] == "other"


class TestStatement:
    def test_is_run_and_its_answer_is_kept(self, stage, plan, applied):
        run = applied(plan("demo-statement", sql="SELECT 6 * 7 AS answer"))

        assert (run.state, run.rows_written) == (State.APPLIED, 1), run.error
        assert Chunk.objects.get(step__run=run).answer["rows"] == [["42"]]

    def test_a_warning_is_not_a_success(self, stage, plan, applied):
        """PostgreSQL answers a non-owner's ANALYZE with a warning and nothing else."""
        stage.sql("REVOKE ALL ON demonstration FROM opsconsole_writer")
        run = applied(plan("demo-statement", sql="ANALYZE demonstration"))

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert run.rows_written == 0
        [(why, _)] = left_alone(run).values()
        assert "WARNING" in why
        assert "demonstration" in why

    def test_a_notice_is(self, stage, plan, applied):
        sql = "DO $$ BEGIN RAISE NOTICE 'by the way'; END $$"
        run = applied(plan("demo-statement", sql=sql))

        assert run.state == State.APPLIED
        assert Chunk.objects.get(step__run=run).answer["notices"] == [
            "NOTICE: by the way"
        ]

    def test_an_error_stops_the_run(self, stage, plan, applied):
        run = applied(plan("demo-statement", sql="SELECT 1 / 0"))

        assert run.state == State.FAILED
        assert "division by zero" in run.error

    def test_takes_no_longer_than_it_may(self, stage, plan, applied, monkeypatch):
        monkeypatch.setattr(refusals, "TRIES", 1)
        run = plan("demo-statement", sql="SELECT pg_sleep(5)", more={"seconds": 1})
        run = applied(run)

        assert run.state == State.FAILED
        assert "statement timeout" in run.error


class TestOptionalStep:
    def test_that_fails_is_left_and_the_run_goes_on(self, stage, plan, applied, undone):
        stage.fill(3)
        before = stage.rows()

        run = applied(plan("demo-optional"))

        assert run.state == State.APPLIED_WITH_PROBLEMS
        assert (run.rows_written, run.rows_left) == (6, 3)
        said = {verdict["name"]: verdict["sentence"] for verdict in run.verification}
        assert said["Break"].startswith("Failed, and the run went on: ")
        assert "demonstration_amount_check" in said["Break"]
        assert "amount" not in said["Every planned row"]
        now = stage.rows()
        assert all(now[key]["amount"] == held["amount"] for key, held in before.items())
        assert all(now[key]["at"] != held["at"] for key, held in before.items())

        back = undone(run)
        assert (back.state, back.rows_written) == (State.APPLIED, 6), back.error
        assert stage.rows() == before

    def test_one_that_is_not_optional_fails_the_run(self, stage, plan, applied, undone):
        stage.fill(3)
        before = stage.rows()

        run = applied(plan("demo-optional", optional=False))

        assert run.state == State.FAILED
        assert "demonstration_amount_check" in run.error
        assert (run.rows_written, run.rows_left) == (3, 6)

        undone(run)
        assert stage.rows() == before
        run.refresh_from_db()
        assert run.state == State.UNDONE


class TestUndeclared:
    @pytest.mark.parametrize("kind", ["change", "delete", "insert", "move"])
    def test_is_refused_while_planning(self, stage, plan, kind):
        stage.fill(1)
        with pytest.raises(ValueError, match="may not write"):
            plan("demo-undeclared", kind=kind)

    def test_a_move_needs_both_ends(self, stage, plan):
        stage.fill(1)
        with pytest.raises(ValueError, match="demonstration_archive"):
            plan("demo-move-undeclared")


class TestWriting:
    """What every transaction on the platform is bound by."""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("lock_timeout", f"{writing.LOCK_TIMEOUT // 1000}s"),
            ("statement_timeout", f"{writing.STATEMENT_TIMEOUT // 1000}s"),
            (
                "idle_in_transaction_session_timeout",
                f"{writing.IDLE_TIMEOUT // 1000}s",
            ),
            ("TimeZone", "UTC"),
            ("DateStyle", "ISO, YMD"),
            ("transaction_read_only", "off"),
            ("search_path", "public, pg_temp"),
        ],
    )
    def test_is_set_for_the_transaction_alone(self, stage, name, value):
        with writing.writing() as cursor:
            cursor.execute("SELECT current_setting(%s)", [name])
            assert cursor.fetchone() == (value,)

    def test_a_chunk_may_take_a_third_of_a_lease_at_most(self, settings):
        slowest = writing.STATEMENT_TIMEOUT + writing.LOCK_TIMEOUT
        assert 3 * slowest <= 1000 * settings.LEASE_SECONDS
        assert writing.IDLE_TIMEOUT < 1000 * settings.LEASE_SECONDS

    def test_rows_are_locked_in_the_order_of_their_keys(
        self, stage, confirmed, nursery
    ):
        """Two writers that take rows in the same order cannot wait for each other.

        On disk the rows lie the other way round.
        """
        keys = [UUID(int=number) for number in range(9, 0, -1)]
        for key in keys:
            stage.sql("INSERT INTO demonstration (id, name) VALUES (%s, 'x')", key)
        stage.sql("UPDATE demonstration SET value = 1 WHERE id <> %s", keys[4])
        stage.sql("UPDATE demonstration SET value = 1 WHERE id = %s", keys[4])
        run = confirmed("demo-change", add=1)
        with psycopg.connect(PLATFORM) as somebody:
            somebody.execute(
                "SELECT FROM demonstration WHERE id = %s FOR UPDATE", [keys[4]]
            )
            worker = nursery.start(run.pk)
            wait_until(lambda: stage.sql("SELECT pid FROM pg_locks WHERE NOT granted"))
            free = stage.sql("SELECT id FROM demonstration FOR UPDATE SKIP LOCKED")

        assert sorted(key for (key,) in free) == sorted(keys[:4])
        nursery.wait(worker)
