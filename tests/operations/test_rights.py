"""What an operation may write: what the planner allows, and what is granted for it."""

import pytest
from django.db import connections
from psycopg.errors import InsufficientPrivilege

from opsconsole.operations import granting
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog.base import Operation
from opsconsole.platform import contract
from opsconsole.platform.models import (
    DailyActivityMetric,
    Workspace,
    WorkspaceIssuesCache,
    WorkspaceTrackedRepository,
)
from tests import factories

WTR = "workspace_tracked_repositories"
METRICS, CACHE = "daily_activity_metrics", "workspace_issues_cache"


class Everything(Operation):
    """Change, insert and delete. Runbook: none."""

    slug, title, purpose, risk = "everything", "Everything", "daily", "routine"
    writes = {Workspace: ("name",)}
    inserts = {WorkspaceTrackedRepository: ("notes", "workspace_id")}
    deletes = (DailyActivityMetric,)
    deletes_for_good = (WorkspaceIssuesCache,)


class TestAllows:
    @pytest.mark.parametrize(
        ("kind", "table", "columns", "allowed"),
        [
            ("change rows", "workspaces", ["name"], True),
            ("change rows", "workspaces", ["name", "tier"], False),
            ("change rows", WTR, ["notes"], False),
            ("insert rows", WTR, ["notes", "workspace_id"], True),
            ("insert rows", WTR, ["added_at"], False),
            ("insert rows", "workspaces", ["name"], False),
            ("delete rows", METRICS, ["*"], True),
            ("delete rows", CACHE, [], True),
            ("delete rows", WTR, [], False),
            ("move rows", METRICS, [], True),
            ("move rows", "workspaces", [], False),
            ("statement", "", [], True),
            ("call", "", [], True),
            ("statement", "workspaces", [], False),
        ],
    )
    def test_what_was_said(self, kind, table, columns, allowed):
        assert Everything().allows(kind, table, columns) == allowed


def test_needs_what_it_writes_and_what_names_the_rows():
    needs = Everything.needs()

    assert {"workspaces.name", f"{WTR}.notes", f"{WTR}.id"} <= {*needs}
    assert {f"{METRICS}.id", f"{CACHE}.id", "repositories.full_name"} <= {*needs}
    assert not [need for need in needs if "*" in need]


class TestGrants:
    def test_are_what_it_and_its_undo_need(self):
        """An insert's undo deletes, a deletion's undo inserts whole rows."""
        _, _, *grants = granting.grant_sql(Everything).splitlines()

        to = "TO opsconsole_writer;"
        assert [line for line in grants if not line.startswith("DO")] == [
            f"GRANT UPDATE (id) ON {WTR} {to}",
            f"GRANT UPDATE (name) ON workspaces {to}",
            f"GRANT INSERT (id, notes, workspace_id) ON {WTR} {to}",
            f"GRANT DELETE ON {WTR} {to}",
        ]
        optional = "\n".join(line for line in grants if line.startswith("DO"))
        for grant in (
            f"GRANT UPDATE (id) ON {METRICS} {to}",
            f"GRANT UPDATE (id) ON {CACHE} {to}",
            f"GRANT INSERT ON {METRICS} {to}",
            f"GRANT DELETE ON {METRICS} {to}",
            f"GRANT DELETE ON {CACHE} {to}",
        ):
            assert grant in optional
        assert f"INSERT ON {CACHE}" not in optional  # it does not come back

    @pytest.fixture
    def granted(self, platform_sql):
        """The file's statements, taken back afterwards; what is shipped stays."""

        def all_of(verb, preposition):
            for line in granting.grant_sql(Everything).splitlines():
                if not line.startswith("--"):
                    statement = line.replace("GRANT", verb).replace(
                        " TO opsconsole", f" {preposition} opsconsole"
                    )
                    platform_sql(statement)
            contract.forget()

        all_of("GRANT", "TO")
        yield
        all_of("REVOKE", "FROM")
        for file in granting.FOLDER.glob("*.sql"):
            platform_sql(file.read_text())

    @pytest.mark.platform
    def test_switch_it_on(self, granted):
        assert availability.of(Everything).obstacles == []

    @pytest.mark.platform
    def test_let_a_row_be_locked_deleted_and_restored(self, platform_sql, granted):
        repository = factories.repository(platform_sql)
        platform_sql(
            f"INSERT INTO {METRICS} (id, repository_id, date)"
            " VALUES (gen_random_uuid(), %s, '2026-01-01')",
            repository,
        )
        with connections["platform_write"].cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(t) FROM {METRICS} t FOR NO KEY UPDATE")
            [(row,)] = cursor.fetchall()
            cursor.execute(f"DELETE FROM {METRICS}")
            cursor.execute(
                f"INSERT INTO {METRICS}"
                f" SELECT * FROM jsonb_populate_record(NULL::{METRICS}, %s::jsonb)",
                [row],
            )
        assert platform_sql(f"SELECT count(*) FROM {METRICS}") == [(1,)]

    @pytest.mark.platform
    def test_are_missed_one_by_one(self, platform_sql, granted):
        platform_sql(f"REVOKE INSERT ON {METRICS} FROM opsconsole_writer")
        platform_sql(f"REVOKE DELETE ON {CACHE} FROM opsconsole_writer")
        contract.forget()

        obstacles = availability.of(Everything).obstacles

        assert [sentence.partition(". ")[0] for sentence in obstacles] == [
            f"The role opsconsole_writer has no DELETE on {CACHE}",
            f"The role opsconsole_writer has no INSERT on {METRICS}",
        ]

    @pytest.mark.platform
    def test_some_columns_are_not_a_whole_row(self, platform_sql, granted):
        """A restored row has columns that no model names."""
        platform_sql(f"REVOKE INSERT ON {METRICS} FROM opsconsole_writer")
        columns = "id, repository_id, date, issues_opened, issues_closed"
        platform_sql(f"GRANT INSERT ({columns}) ON {METRICS} TO opsconsole_writer")
        contract.forget()
        try:
            [obstacle] = availability.of(Everything).obstacles
        finally:
            platform_sql(
                f"REVOKE INSERT ({columns}) ON {METRICS} FROM opsconsole_writer"
            )

        assert f"no INSERT on {METRICS}" in obstacle


@pytest.mark.platform
@pytest.mark.parametrize("table", ["workspaces", "workspace_repositories"])
def test_the_shipped_grants_delete_and_insert_nothing_else(platform_sql, table):
    with connections["platform_write"].cursor() as cursor:
        for statement in (
            f"DELETE FROM {table}",
            f"INSERT INTO {table} DEFAULT VALUES",
        ):
            with pytest.raises(Exception, match="permission denied") as refused:
                cursor.execute(statement)
            assert isinstance(refused.value.__cause__, InsufficientPrivilege)
