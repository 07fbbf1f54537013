"""Roles and databases: who gets in, what preparing again does."""

from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from opsconsole.sandbox import databases
from opsconsole.sandbox.databases import apply_grants, prepare, url, urls
from tests.sandbox import rows


def test_urls_lead_each_to_its_role_and_database(laboratory: Path) -> None:
    found = []
    for address in urls(laboratory):
        with psycopg.connect(address) as connection:
            found.append((connection.info.dbname, connection.info.user))

    assert found == [
        ("opsconsole", "opsconsole_owner"),
        ("opsconsole", "opsconsole_app"),
        ("platform", "platform_owner"),
        ("platform", "opsconsole_reader"),
        ("platform", "opsconsole_writer"),
        ("platform", "postgres"),
    ]


def test_prepare_may_be_repeated_and_tells_whether_the_platform_is_empty(
    laboratory: Path,
) -> None:
    assert prepare(laboratory) is True
    with psycopg.connect(urls(laboratory).maintenance) as platform:
        rows.workspace(platform)
    assert prepare(laboratory) is False

    with psycopg.connect(urls(laboratory).maintenance) as platform:
        platform.execute("DELETE FROM app_users")


def test_the_platforms_tables_belong_to_its_owner(platform: psycopg.Connection) -> None:
    owners = platform.execute(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    ).fetchall()

    assert owners == [("platform_owner",)]


def test_the_reader_cannot_write(laboratory: Path) -> None:
    with (
        psycopg.connect(urls(laboratory).platform) as reader,
        pytest.raises(ReadOnlySqlTransaction),
    ):
        reader.execute("DELETE FROM workspaces")


@pytest.mark.parametrize("role", ["opsconsole_reader", "opsconsole_writer"])
def test_a_role_of_the_console_reads_past_row_security_within_its_timeout(
    laboratory: Path, role: str
) -> None:
    with psycopg.connect(url(laboratory, "platform", role)) as connection:
        timeout = connection.execute("SHOW statement_timeout").fetchone()
        zone = connection.execute("SHOW timezone").fetchone()
        passes = connection.execute(
            "SELECT rolbypassrls, rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()

    assert (timeout, zone, passes) == (("30s",), ("UTC",), (True, False))


@pytest.mark.parametrize(
    ("database", "role"),
    [("platform", "opsconsole_app"), ("opsconsole", "opsconsole_writer")],
)
def test_a_role_stays_out_of_the_other_database(
    laboratory: Path, database: str, role: str
) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url(laboratory, database, role))


def test_the_runtime_role_makes_no_tables(laboratory: Path) -> None:
    with (
        psycopg.connect(urls(laboratory).console) as console,
        pytest.raises(InsufficientPrivilege),
    ):
        console.execute("CREATE TABLE mine ()")


def test_a_wrong_grant_is_named_by_its_file(
    platform: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrong.sql").write_text("GRANT SELECT ON nothing TO opsconsole_reader;")
    monkeypatch.setattr(databases, "GRANTS", [tmp_path])

    with pytest.raises(psycopg.Error) as error:
        apply_grants(platform)

    assert error.value.__notes__ == [f"in {tmp_path / 'wrong.sql'}"]
