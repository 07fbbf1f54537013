"""The contract on platforms that differ, each in one way."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from django.db import OperationalError, connections

from opsconsole.platform import contract
from opsconsole.platform.contract import Level, catalog
from tests import factories
from tests.conftest import PLATFORM

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
INTERVAL_CHECK = f"{WTR}_sync_frequency_hours_check"
RETENTION_CHECK = f"{WTR}_data_retention_days_check"


def of(found, table, column=None):
    """The deviations of a table or a column."""
    return [d for d in found.deviations if (d.table, d.column) == (table, column)]


@pytest.fixture
def platform(databases):
    return contract.current(refresh=True)


class TestTheSandbox:
    def test_looks_as_we_expect(self, platform):
        assert [d.sentence for d in platform.deviations if d.level != Level.OK] == []
        assert platform.summary == "The platform looks as we expect."
        assert platform.level == Level.OK
        assert platform.reachable

    def test_tells_its_limits(self, platform):
        assert platform.interval_hours == (1, 168)
        assert platform.retention_days == (7, 365)
        assert platform.tiers == ("free", "pro", "team")
        assert platform.sync_statuses == ("failed", "partial", "success")

    def test_lacks_nothing(self, platform):
        assert platform.lacks("workspaces", f"{WTR}.next_sync_at") == []

    def test_refuses_a_need_that_no_model_names(self, platform):
        with pytest.raises(ValueError, match=r"workspaces\.colour, planets"):
            platform.lacks("workspaces.name", "workspaces.colour", "planets")


class TestUnknownTables:
    def test_are_ignored_and_cost_no_query(self, variant, django_assert_num_queries):
        names = [f"unknown_{number}" for number in range(58)]
        make = ";".join(f"CREATE TABLE {n} (id uuid, workspaces text)" for n in names)

        found = variant(make, f"DROP TABLE {', '.join(names)}")

        assert found.summary == "The platform looks as we expect."
        five, savepoints, lock_timeout = 5, 4, 2
        expected = five + savepoints + lock_timeout
        with django_assert_num_queries(expected, connection=connections["platform"]):
            contract.current(refresh=True)

    def test_of_the_same_name_in_another_schema_are_not_ours(self, variant):
        found = variant(
            "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.workspaces (id integer)",
            "DROP SCHEMA elsewhere CASCADE",
        )

        assert found.summary == "The platform looks as we expect."

    @pytest.mark.slow
    def test_a_thousand_of_them_are_looked_past_quickly(self, variant):
        make = "SELECT format('CREATE TABLE many_%s (id uuid)', n) FROM generate_series(1, 1000) n"
        drop = make.replace("CREATE TABLE many_%s (id uuid)", "DROP TABLE many_%s")
        do = "DO $$ DECLARE s text; BEGIN FOR s IN {} LOOP EXECUTE s; END LOOP; END $$"
        variant(do.format(make), do.format(drop))

        started = time.monotonic()
        found = contract.current(refresh=True)

        assert found.summary == "The platform looks as we expect."
        assert time.monotonic() - started < 1  # about 0.03 s alone on two cores


class TestAMissingTable:
    def test_is_critical_and_names_what_it_switches_off(self, variant):
        contract.register("Members", ["workspace_members.role"])
        contract.register("Workspaces", ["workspaces"])

        found = variant(
            "ALTER TABLE workspace_members RENAME TO gone",
            "ALTER TABLE gone RENAME TO workspace_members",
        )

        (deviation,) = of(found, "workspace_members")
        assert deviation.level == Level.CRITICAL
        assert deviation.sentence == (
            "Table workspace_members is missing: Members is switched off."
        )
        assert found.summary == "1 deviation, 1 switches something off."
        assert found.lacks("workspaces") == []
        assert found.lacks("workspace_members") == [str(deviation)]
        assert found.lacks("workspace_members.role") == [str(deviation)]

    @pytest.mark.parametrize(
        "table",
        [
            "daily_activity_metrics",
            "daily_activity_metrics_archive",
            "issues",
            "progressive_capture_jobs",
            "subscriptions",
            "sync_logs",
            "workspace_issues_cache",
        ],
    )
    def test_is_only_worth_knowing_where_production_may_lack_it(self, variant, table):
        found = variant(
            f"ALTER TABLE {table} RENAME TO gone", f"ALTER TABLE gone RENAME TO {table}"
        )

        (deviation,) = of(found, table)
        assert deviation.level == Level.OK
        assert found.summary == "The platform looks as we expect."
        assert found.lacks(table) == [str(deviation)]


class TestAMissingColumn:
    def test_switches_off_who_needs_it_and_nobody_else(self, variant):
        contract.register(
            "the usage column of Workspaces", ["workspaces.max_repositories"]
        )

        found = variant(
            "ALTER TABLE workspaces RENAME COLUMN max_repositories TO gone",
            "ALTER TABLE workspaces RENAME COLUMN gone TO max_repositories",
        )

        (deviation,) = of(found, "workspaces", "max_repositories")
        assert deviation.level == Level.WARNING
        assert deviation.sentence == (
            "Column workspaces.max_repositories is missing: the usage column of"
            " Workspaces is switched off."
        )
        assert str(deviation) == (
            "Column workspaces.max_repositories is missing. Restore the column, or take"
            " it out of opsconsole/platform/models.py."
        )
        assert found.lacks("workspaces", "workspaces.name") == []
        assert found.lacks("workspaces.max_repositories") == [str(deviation)]

    def test_that_is_the_key_is_critical(self, variant):
        found = variant(
            "ALTER TABLE workspaces RENAME COLUMN id TO gone",
            "ALTER TABLE workspaces RENAME COLUMN gone TO id",
        )

        (deviation,) = of(found, "workspaces", "id")
        assert deviation.level == Level.CRITICAL


class TestAColumnOfAnotherType:
    @pytest.mark.parametrize("type_", ["bigint", "smallint"])
    def test_is_fine_when_it_reads_the_same(self, variant, type_):
        found = variant(
            f"ALTER TABLE {WTR} ALTER sync_attempts TYPE {type_}",
            f"ALTER TABLE {WTR} ALTER sync_attempts TYPE integer",
        )

        assert of(found, WTR, "sync_attempts") == []

    def test_is_a_deviation_when_it_does_not(self, variant):
        found = variant(
            f"ALTER TABLE {WTR} ALTER last_sync_at TYPE timestamp",
            f"ALTER TABLE {WTR} ALTER last_sync_at TYPE timestamptz",
        )

        (deviation,) = of(found, WTR, "last_sync_at")
        assert deviation.sentence == (
            f"Column {WTR}.last_sync_at is timestamp without time zone, not timestamp"
            " with time zone: what needs it is switched off."
        )
        assert found.lacks(f"{WTR}.last_sync_at") == [str(deviation)]

    def test_may_be_a_domain_over_the_right_one(self, variant):
        found = variant(
            "CREATE DOMAIN short_text AS text; ALTER TABLE workspaces ALTER slug TYPE short_text",
            "ALTER TABLE workspaces ALTER slug TYPE text; DROP DOMAIN short_text",
        )

        assert of(found, "workspaces", "slug") == []


def checked(table, name, condition):
    """Statements that replace a CHECK and put the sandbox's back."""
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}" + (
        f"; ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})"
        if condition
        else ""
    )


HOURS = "sync_frequency_hours >= 1 AND sync_frequency_hours <= 168"


class TestLimits:
    @pytest.mark.parametrize(
        ("condition", "bounds"),
        [
            ("sync_frequency_hours BETWEEN 1 AND 72", (1, 72)),
            ("sync_frequency_hours > 0 AND 73 > sync_frequency_hours", (1, 72)),
            (
                "sync_frequency_hours IS NULL OR sync_frequency_hours BETWEEN 6 AND 24",
                (6, 24),
            ),
            ("sync_frequency_hours IN (6, 12, 24)", (6, 24)),
            (
                "sync_frequency_hours BETWEEN 1 AND 72 AND sync_frequency_hours % 2 = 0",
                (1, 72),
            ),
            ("(sync_frequency_hours)::numeric BETWEEN -2 AND 71.5", (-2, 71)),
            ("sync_frequency_hours >= 1", None),
            ("sync_frequency_hours <= 72 OR is_active", None),
            ("CASE WHEN is_active THEN sync_frequency_hours < 72 ELSE true END", None),
        ],
    )
    def test_of_the_interval_are_those_of_the_check(self, variant, condition, bounds):
        found = variant(
            checked(WTR, INTERVAL_CHECK, condition),
            checked(WTR, INTERVAL_CHECK, HOURS),
        )

        assert found.interval_hours == bounds
        assert bool(of(found, WTR, "sync_frequency_hours")) == (bounds is None)

    def test_may_be_split_over_several_checks(self, variant):
        found = variant(
            f"ALTER TABLE {WTR} ADD CONSTRAINT later CHECK (sync_frequency_hours <= 72) NOT VALID",
            f"ALTER TABLE {WTR} DROP CONSTRAINT later",
        )

        assert found.interval_hours == (1, 72)

    def test_that_are_gone_leave_what_sets_them_switched_off(self, variant):
        found = variant(
            f"ALTER TABLE {WTR} DROP CONSTRAINT {RETENTION_CHECK}",
            f"ALTER TABLE {WTR} ADD CONSTRAINT {RETENTION_CHECK}"
            " CHECK (data_retention_days >= 7 AND data_retention_days <= 365)",
        )

        (deviation,) = of(found, WTR, "data_retention_days")
        assert deviation.level == Level.WARNING
        assert found.retention_days is None
        assert found.lacks(f"{WTR}.data_retention_days") == []  # it can be read


TIERS = "tier IN ('free', 'pro', 'team')"


class TestTiers:
    @pytest.mark.parametrize(
        ("condition", "tiers"),
        [
            ("tier IN ('team', 'free', 'pro')", ("free", "pro", "team")),
            (
                "tier IN ('free', 'zeta', 'acme', 'pro')",
                ("free", "pro", "acme", "zeta"),
            ),
            ("tier = 'free' OR tier = 'it''s'", ("free", "it's")),
            ("tier::varchar IN ('free', 'pro')", ("free", "pro")),
            ("tier = ANY ('{free,\"pro plus\"}')", ("free", "pro plus")),
            ("tier IN ('free', 'pro') AND length(tier) < 9", ("free", "pro")),
        ],
    )
    def test_are_those_of_the_check_by_price(self, variant, condition, tiers):
        found = variant(
            checked("workspaces", "workspaces_tier_check", condition),
            checked("workspaces", "workspaces_tier_check", TIERS),
        )

        assert found.tiers == tiers

    def test_that_are_new_are_worth_knowing(self, variant):
        found = variant(
            checked(
                "workspaces", "workspaces_tier_check", f"{TIERS} OR tier = 'enterprise'"
            ),
            checked("workspaces", "workspaces_tier_check", TIERS),
        )

        (deviation,) = of(found, "workspaces", "tier")
        assert deviation.level == Level.OK
        assert "enterprise" in deviation.sentence
        assert found.summary == "The platform looks as we expect."

    def test_are_those_in_use_where_no_check_declares_them(self, variant, platform_sql):
        for tier in ("team", "free", "free"):
            factories.workspace(platform_sql, tier=tier)

        found = variant(
            checked("workspaces", "workspaces_tier_check", ""),
            f"ALTER TABLE workspaces ADD CONSTRAINT workspaces_tier_check CHECK ({TIERS})",
        )

        assert found.tiers == ("free", "team")

    def test_in_use_that_take_too_long_to_ask_for_are_none(self, variant, monkeypatch):
        def slow():
            raise OperationalError("canceling statement due to statement timeout")

        monkeypatch.setattr(catalog, "tiers_in_use", slow)
        found = variant(
            checked("workspaces", "workspaces_tier_check", ""),
            f"ALTER TABLE workspaces ADD CONSTRAINT workspaces_tier_check CHECK ({TIERS})",
        )

        assert found.reachable
        assert found.tiers == ()

    def test_may_be_an_enum(self, variant):
        found = variant(
            "ALTER TABLE workspaces RENAME tier TO old_tier;"
            "CREATE TYPE tier AS ENUM ('pro', 'free', 'gold');"
            "ALTER TABLE workspaces ADD tier tier",
            "ALTER TABLE workspaces DROP tier; DROP TYPE tier;"
            "ALTER TABLE workspaces RENAME old_tier TO tier",
        )

        assert found.tiers == ("free", "pro", "gold")
        assert found.lacks("workspaces.tier") == []

    def test_cannot_lose_the_status_that_marks_failures_unseen(self, variant):
        name = f"{WTR}_last_sync_status_check"
        found = variant(
            checked(WTR, name, "last_sync_status IN ('success', 'error')"),
            checked(WTR, name, "last_sync_status IN ('success', 'partial', 'failed')"),
        )

        assert found.sync_statuses == ("error", "success")
        (deviation,) = of(found, WTR, "last_sync_status")
        assert deviation.level == Level.WARNING


class TestAReaderWithoutBypass:
    def test_is_told_that_rows_are_hidden(self, plain_role, connect):
        connect("platform", USER=plain_role)

        found = contract.current(refresh=True)

        (deviation,) = of(found, WTR)
        assert deviation.level == Level.CRITICAL
        assert f"hides rows of {WTR} from the role plain_role" in deviation.sentence
        assert deviation.remedy.startswith("ALTER ROLE plain_role BYPASSRLS")
        assert found.lacks(f"{WTR}.next_sync_at") == [str(deviation)]
        assert found.tiers == ("free", "pro", "team")

    def test_sees_all_through_a_policy_that_says_true(
        self, plain_role, connect, variant
    ):
        connect("platform", USER=plain_role)

        found = variant(
            f"CREATE POLICY console ON {WTR} FOR SELECT TO plain_role USING (true)",
            f"DROP POLICY console ON {WTR}",
        )

        assert of(found, WTR) == []

    def test_does_not_through_somebody_elses_or_beside_a_restrictive_one(
        self, plain_role, connect, variant
    ):
        connect("platform", USER=plain_role)

        found = variant(
            f"CREATE POLICY other ON {WTR} TO platform_owner USING (true)",
            f"DROP POLICY other ON {WTR}",
        )
        assert of(found, WTR)

        found = variant(
            f"CREATE POLICY console ON {WTR} TO plain_role USING (true);"
            f"CREATE POLICY less ON {WTR} AS RESTRICTIVE USING (is_active)",
            f"DROP POLICY console ON {WTR}; DROP POLICY less ON {WTR}",
        )
        assert of(found, WTR)

    def test_is_fine_as_owner_unless_security_is_forced(self, connect, variant):
        connect("platform", USER="platform_owner")
        assert of(contract.current(refresh=True), WTR) == []

        found = variant(
            f"ALTER TABLE {WTR} FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {WTR} NO FORCE ROW LEVEL SECURITY",
        )

        assert of(found, WTR)


class TestAReaderWithoutAGrant:
    def test_on_a_table(self, variant):
        found = variant(
            "REVOKE SELECT ON repositories FROM opsconsole_reader",
            "GRANT SELECT ON repositories TO opsconsole_reader",
        )

        (deviation,) = of(found, "repositories")
        assert deviation.level == Level.CRITICAL
        assert deviation.remedy == "Run opsconsole/platform/grants/reader.sql."

    def test_on_a_column(self, variant):
        found = variant(
            "REVOKE SELECT ON app_users FROM opsconsole_reader;"
            "GRANT SELECT (id, display_name) ON app_users TO opsconsole_reader",
            "REVOKE SELECT (id, display_name) ON app_users FROM opsconsole_reader;"
            "GRANT SELECT ON app_users TO opsconsole_reader",
        )

        (deviation,) = of(found, "app_users", "email")
        assert deviation.level == Level.WARNING
        assert found.lacks("app_users.display_name") == []
        assert found.lacks("app_users.email") == [str(deviation)]

    def test_on_the_schema_sees_no_table(self, variant):
        found = variant(
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC, opsconsole_reader",
            "GRANT USAGE ON SCHEMA public TO PUBLIC, opsconsole_reader",
        )

        (deviation,) = of(found, "workspaces")
        assert "let the reader into its schema" in deviation.remedy


class TestTheWriter:
    WRITES = {WTR: ("notes", "added_at")}

    @pytest.fixture(autouse=True)
    def _granted(self, variant):
        variant(
            f"GRANT UPDATE (added_at) ON {WTR} TO opsconsole_writer",
            f"REVOKE UPDATE (added_at) ON {WTR} FROM opsconsole_writer",
        )

    def test_that_holds_all_grants_lacks_none(self):
        contract.register("Set notes", [f"{WTR}.notes"], updates=self.WRITES)

        found = contract.current(refresh=True)

        assert found.summary == "The platform looks as we expect."
        assert found.lacks_grants(self.WRITES) == []

    def test_without_one_grant_is_told_which_and_for_what(self, variant):
        contract.register("Set notes", updates=self.WRITES)
        contract.register("Stop all", updates={WTR: ["added_at"]})

        found = variant(
            f"REVOKE UPDATE (notes) ON {WTR} FROM opsconsole_writer",
            f"GRANT UPDATE (notes) ON {WTR} TO opsconsole_writer",
        )

        (deviation,) = of(found, WTR, "notes")
        assert deviation.level == Level.WARNING
        assert deviation.sentence == (
            f"The role opsconsole_writer has no UPDATE on {WTR}.notes:"
            " Set notes is switched off."
        )
        assert found.lacks_grants({WTR: ["added_at"]}) == []
        assert found.lacks_grants(self.WRITES) == [str(deviation)]
        assert found.lacks(f"{WTR}.notes") == []  # reading it is another matter

    def test_is_asked_for_inserts_and_deletes_too(self):
        found = contract.current(refresh=True)

        lacking = found.lacks_grants(
            {}, inserts={"workspaces": ["name"]}, deletes=["repositories"]
        )

        assert [sentence.partition(".")[0] for sentence in lacking] == [
            "The role opsconsole_writer has no DELETE on repositories",
            "The role opsconsole_writer has no INSERT on workspaces",
        ]

    def test_must_read_what_an_operation_selects_by(self, variant):
        contract.register("Stop all", ["workspaces.tier"], updates={WTR: ["added_at"]})

        found = variant(
            "REVOKE SELECT ON workspaces FROM opsconsole_writer",
            "GRANT SELECT ON workspaces TO opsconsole_writer",
        )

        (deviation,) = of(found, "workspaces")
        assert "has no SELECT on workspaces: Stop all" in deviation.sentence
        assert found.lacks_grants({WTR: ["added_at"]}) == []
        assert found.lacks_grants({WTR: ["added_at"]}, reads=["workspaces.tier"]) == [
            str(deviation)
        ]

    def test_that_bypasses_nothing_would_change_nothing(
        self, plain_role, connect, platform_sql
    ):
        platform_sql(f"GRANT UPDATE ON {WTR} TO plain_role")
        connect("platform_write", USER=plain_role)
        contract.register("Set notes", [f"{WTR}.notes"], updates={WTR: ["notes"]})

        found = contract.current(refresh=True)

        (deviation,) = of(found, WTR)
        assert deviation.level == Level.CRITICAL
        assert "updates touch nothing" in deviation.problem
        assert found.lacks_grants({WTR: ["notes"]}) == [str(deviation)]

    def test_that_does_not_exist_switches_all_operations_off(self, connect):
        connect("platform_write", USER="nobody_here")

        found = contract.current(refresh=True)

        assert found.level == Level.CRITICAL
        assert "does not exist" in found.deviations[0].sentence
        assert found.lacks_grants({WTR: ["notes"]}) == [str(found.deviations[0])]

    def test_is_recognised_behind_a_poolers_user_name(self, connect):
        connect("platform_write", USER="opsconsole_writer.egcxzonpmmcirmgqdrla")

        assert contract.current(refresh=True).lacks_grants({WTR: ["notes"]}) == []

    @pytest.mark.parametrize("user", ["opsconsole_reader", ""])
    def test_that_is_the_reader_is_warned_of(self, connect, user):
        connect("platform_write", USER=user)

        found = contract.current(refresh=True)

        assert found.level == Level.WARNING
        assert "as the same role, opsconsole_reader" in found.deviations[0].sentence


class TestAPlatformThatDoesNotAnswer:
    @pytest.fixture(autouse=True)
    def _unreachable(self, connect):
        connect("platform", HOST="/nowhere")

    def test_is_a_contract_that_says_so(self):
        found = contract.current(refresh=True)

        assert not found.reachable
        assert found.summary == contract.SILENT
        assert "/nowhere" in found.deviations[0].remedy
        assert found.lacks("workspaces") == [contract.SILENT]
        assert found.lacks_grants({WTR: ["notes"]}) == [contract.SILENT]
        assert found.interval_hours is None
        assert found.tiers == ()

    def test_is_asked_again_after_five_seconds(self, monkeypatch):
        now = 1000.0
        monkeypatch.setattr(contract, "monotonic", lambda: now)
        first = contract.current()

        now += 4.9
        assert contract.current() is first
        now += 0.1
        assert contract.current() is not first


class TestTheCache:
    def test_keeps_a_contract_for_a_minute(self, databases, monkeypatch):
        now = 1000.0
        monkeypatch.setattr(contract, "monotonic", lambda: now)
        first = contract.current()

        now += 59.9
        assert contract.current() is first
        now += 0.1
        assert contract.current() is not first

    def test_answers_with_an_old_one_while_another_thread_looks(
        self, databases, monkeypatch
    ):
        first = contract.current()
        monkeypatch.setattr(contract, "_kept", (0.0, first))

        with contract._lock:
            assert contract.current() is first
        assert contract.current() is not first

    def test_is_read_once_by_those_who_wait_together(self, databases, monkeypatch):
        reads = []
        answer = contract.current()
        contract.forget()
        started = Barrier(4)

        def read(known):
            reads.append(known)
            time.sleep(0.05)
            return answer

        def ask(_):
            started.wait()
            return contract.current()

        monkeypatch.setattr(contract, "_read", read)
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(ask, range(4)))

        assert answers == [answer] * 4
        assert len(reads) == 1

    def test_is_passed_by_refresh_and_emptied_by_forget(self, databases):
        first = contract.current()

        second = contract.current(refresh=True)
        assert second is not first
        contract.forget()
        assert contract.current() is not second


def test_can_be_asked_inside_a_plans_snapshot(databases):
    from opsconsole.platform.db import snapshot

    with snapshot() as cursor:
        found = contract.current(refresh=True)
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)

    assert found.reachable


def test_is_read_while_a_table_is_locked(databases):
    """All but expressions, which are asked for again soon."""
    contract.forget()
    with psycopg.connect(PLATFORM) as somebody:
        somebody.execute(f"LOCK TABLE {WTR} IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        locked = contract.current()
        assert time.monotonic() - began < 1
        somebody.rollback()

    assert locked.reachable
    assert not locked.settled
    assert locked.lacks(f"{WTR}.next_sync_at") == []
    assert contract.current(refresh=True).settled
