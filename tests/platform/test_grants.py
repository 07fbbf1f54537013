"""The SQL that makes the two roles what the console needs, and no more."""

import re
from pathlib import Path

import psycopg
import pytest

from opsconsole.platform.models import MODELS

FOLDER = Path(__file__).parents[2] / "opsconsole" / "platform" / "grants"
FILES = {"reader": FOLDER / "reader.sql", "writer": FOLDER / "writer.sql"}
HELD = """
    SELECT relname, privilege FROM pg_class,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND has_table_privilege(%s, oid, privilege)
"""


@pytest.mark.parametrize("file", FILES.values(), ids=list(FILES))
def test_names_exactly_the_tables_of_the_models(file):
    (listed,) = re.findall(r"ARRAY\[(.*?)\]", file.read_text(), re.DOTALL)

    assert sorted(re.findall(r"'(\w+)'", listed)) == sorted(MODELS)


@pytest.mark.parametrize("file", FILES.values(), ids=list(FILES))
def test_says_who_runs_it_and_how(file):
    header = file.read_text().partition("\n\n")[0]

    assert "as the owner of the tables" in header
    assert f"-f opsconsole/platform/grants/{file.name}" in header


@pytest.mark.platform
@pytest.mark.parametrize("kind", FILES)
class TestAFreshRole:
    @pytest.fixture(autouse=True)
    def _fresh(self, kind, platform_sql):
        """The file for a role that holds nothing yet."""
        self.role = f"fresh_{kind}"
        platform_sql(f"CREATE ROLE {self.role} LOGIN BYPASSRLS")
        self.sql = FILES[kind].read_text().replace(f"opsconsole_{kind}", self.role)
        yield
        platform_sql(f"DROP OWNED BY {self.role}; DROP ROLE {self.role}")

    def test_may_read_our_tables_and_nothing_else(self, kind, platform_sql):
        platform_sql(self.sql)
        platform_sql(self.sql)  # again

        assert set(platform_sql(HELD, self.role)) == {
            (name, "SELECT") for name in MODELS
        }

    def test_copes_with_a_missing_table(self, kind, platform_sql):
        platform_sql("ALTER TABLE sync_logs RENAME TO gone")
        try:
            platform_sql(self.sql)
            held = {name for name, _ in platform_sql(HELD, self.role)}
        finally:
            platform_sql("ALTER TABLE gone RENAME TO sync_logs")

        assert held == set(MODELS) - {"sync_logs"}

    def test_may_be_granted_by_the_tables_owner(self, kind, platform_sql, monkeypatch):
        """Who may not set a role's settings is told so, and the grants are made."""
        notices = []
        with psycopg.connect(
            dbname="platform",
            user="platform_owner",
            host=_host(platform_sql),
            autocommit=True,
        ) as owner:
            owner.add_notice_handler(
                lambda notice: notices.append(notice.message_primary)
            )
            owner.execute(self.sql)

        assert f"{self.role}: its settings must be made by a superuser" in notices
        assert ("workspaces", "SELECT") in platform_sql(HELD, self.role)

    def test_gets_settings_that_survive_a_pooler(self, kind, platform_sql):
        platform_sql(self.sql)

        (settings,) = platform_sql(
            "SELECT rolconfig FROM pg_roles WHERE rolname = %s", self.role
        )

        read_only = ["default_transaction_read_only=on"] if kind == "reader" else []
        assert settings[0] == [*read_only, "statement_timeout=30s", "TimeZone=UTC"]


def _host(platform_sql):
    """The folder of the server's socket."""
    return platform_sql("SHOW unix_socket_directories")[0][0]
