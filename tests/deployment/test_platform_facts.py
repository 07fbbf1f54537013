"""What the platform's database has of the deployment."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from opsconsole.deployment.facts import State
from opsconsole.history.models import Sample
from opsconsole.platform import contract
from tests import factories
from tests.conftest import PLATFORM

pytestmark = pytest.mark.platform
LINKS = "workspace_repositories"
TRIGGER = "trg_sync_workspace_tracked_repos"


@pytest.fixture
def changed(databases):
    """Change the platform's schema, and change it back after the test."""
    undos = []

    def run(do, undo):
        with psycopg.connect(PLATFORM, autocommit=True) as connection:
            connection.execute(do)
        undos.append(undo)
        contract.forget()

    yield run
    with psycopg.connect(PLATFORM, autocommit=True) as connection:
        for undo in reversed(undos):
            connection.execute(undo)
    contract.forget()


@pytest.fixture
def link(platform_sql):
    """A repository in a workspace, without the trigger's help."""

    def make(name, *, is_tracked=True, workspace=None):
        platform_sql("SET session_replication_role = replica")
        repository = factories.repository(platform_sql, full_name=name)
        if is_tracked:
            tracked = {"organization_name": name, "repository_name": name}
            factories.insert(
                platform_sql,
                "tracked_repositories",
                repository_id=repository,
                **tracked,
            )
        factories.insert(
            platform_sql,
            LINKS,
            workspace_id=workspace or factories.workspace(platform_sql),
            repository_id=repository,
        )
        platform_sql("RESET session_replication_role")

    return make


class TestTables:
    def test_all_there(self, look):
        facts = look("tables")

        assert facts["Tables and columns"].state == State.FINE
        assert facts["Contract"].link == "/contract/"

    def test_a_missing_column_is_named(self, look, changed):
        table = "workspace_tracked_repositories"
        changed(
            f"ALTER TABLE {table} RENAME COLUMN fetch_issues TO gone",
            f"ALTER TABLE {table} RENAME COLUMN gone TO fetch_issues",
        )
        facts = look("tables")

        assert facts[table].state == State.MISSING
        assert facts[table].sentence == f"{table} has no fetch_issues."
        assert "Tables and columns" not in facts
        assert facts["Contract"].state == State.WRONG

    def test_a_missing_table_is_named(self, look, changed):
        changed(
            f"ALTER TABLE {LINKS} RENAME TO away", f"ALTER TABLE away RENAME TO {LINKS}"
        )
        assert look("tables")[LINKS].state == State.MISSING

    def test_what_a_platform_need_not_have_is_a_note(self, look, changed):
        changed(
            "ALTER TABLE daily_activity_metrics RENAME TO away",
            "ALTER TABLE away RENAME TO daily_activity_metrics",
        )
        facts = look("tables")

        assert facts["Optional tables"].state == State.NOTE
        assert "daily_activity_metrics" in facts["Optional tables"].sentence
        assert facts["Tables and columns"].state == State.FINE

    def test_a_silent_platform_is_unknown(self, look, unreachable):
        [fact] = look("tables").values()

        assert (fact.state, fact.sentence) == (State.UNKNOWN, contract.SILENT)


class TestGrants:
    def test_all_given(self, look):
        assert look("grants")["Grants of the writing role"].state == State.FINE

    def test_a_missing_one_names_operation_and_file(self, look, changed):
        grant = "UPDATE (data_retention_days) ON workspace_tracked_repositories"
        changed(
            f"REVOKE {grant} FROM opsconsole_writer",
            f"GRANT {grant} TO opsconsole_writer",
        )
        facts = look("grants")

        assert facts["Raise retention"].state == State.MISSING
        assert "grants/raise-retention.sql" in facts["Raise retention"].remedy
        assert "platform_grants" in facts["Raise retention"].remedy
        assert "Set priority" not in facts

    def test_a_silent_platform_is_unknown(self, look, unreachable):
        assert [fact.state for fact in look("grants").values()] == [State.UNKNOWN]


class TestLinked:
    def test_nothing_to_link_is_a_note(self, look):
        assert look("linked")["Unlinked"].state == State.NOTE

    def test_all_linked(self, look, link, platform_sql):
        link("acme/app")
        platform_sql(
            "INSERT INTO workspace_tracked_repositories"
            " (workspace_id, tracked_repository_id, added_by)"
            " SELECT link.workspace_id, tracked.id, gen_random_uuid()"
            f" FROM {LINKS} AS link JOIN tracked_repositories AS tracked"
            " USING (repository_id)"
        )
        facts = look("linked")

        assert [fact.state for fact in facts.values()] == [State.FINE] * 3
        assert "1 link" in facts["Unlinked"].sentence

    def test_counts_and_names_what_is_unlinked(self, look, link):
        for number in range(7):
            link(f"acme/app-{number}")
        unlinked = look("linked")["Unlinked"]

        assert unlinked.state == State.MISSING
        assert unlinked.sentence.startswith("7 links of 7 without a row in the sync:")
        assert "acme/app-0, acme/app-1" in unlinked.sentence
        assert unlinked.sentence.endswith("and 2 more.")
        assert unlinked.fix.url == "/operations/link-repositories/plan/"

    def test_names_what_nobody_tracks(self, look, link):
        link("acme/stray", is_tracked=False)
        untracked = look("linked")["Untracked"]

        assert untracked.state == State.MISSING
        assert "1 link" in untracked.sentence
        assert "acme/stray" in untracked.sentence
        assert untracked.fix is None

    def test_leaves_deleted_workspaces_out_as_the_operation_does(
        self, look, link, platform_sql
    ):
        link("acme/old", workspace=factories.workspace(platform_sql, is_active=False))

        assert look("linked")["Unlinked"].state == State.NOTE

    def test_a_sleeping_trigger_is_wrong(self, look, changed):
        changed(
            f"ALTER TABLE {LINKS} DISABLE TRIGGER {TRIGGER}",
            f"ALTER TABLE {LINKS} ENABLE TRIGGER {TRIGGER}",
        )
        assert look("linked")["Linked by itself"].state == State.WRONG

    def test_a_missing_trigger_is_missing(self, look, changed):
        changed(
            f"ALTER TRIGGER {TRIGGER} ON {LINKS} RENAME TO other",
            f"ALTER TRIGGER other ON {LINKS} RENAME TO {TRIGGER}",
        )
        assert look("linked")["Linked by itself"].state == State.MISSING

    def test_a_missing_table_says_which(self, look, changed):
        changed(
            f"ALTER TABLE {LINKS} RENAME TO away", f"ALTER TABLE away RENAME TO {LINKS}"
        )
        [fact] = look("linked").values()

        assert fact.state == State.MISSING
        assert LINKS in fact.sentence

    def test_a_silent_platform_is_unknown(self, look, unreachable):
        assert [fact.state for fact in look("linked").values()] == [State.UNKNOWN]

    def test_a_slow_platform_leaves_what_was_counted_last(self, look, unreachable):
        at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        Sample.objects.create(at=at, took=timedelta(0), unlinked=3, untracked=None)
        facts = look("linked")

        assert facts["Repositories linked"].state == State.UNKNOWN
        assert (facts["Unlinked"].state, facts["Unlinked"].at) == (State.MISSING, at)
        assert "3 links when they were counted last" in facts["Unlinked"].sentence
        assert "Untracked" not in facts
