"""Servers and platforms of these tests' own: nothing here touches the test run's server."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest

from opsconsole.sandbox import databases, generator
from opsconsole.sandbox.postgres import Server, remove

NOW = datetime.now(UTC)
NUMBERS = count(1)


def open_folder() -> Path:
    """A new folder that PostgreSQL's account may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="opsconsole-sandbox-test-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def data() -> Iterator[Path]:
    """Where a server may be made; removed with it afterwards."""
    folder = open_folder()
    yield folder / "pg"
    remove(folder / "pg")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def laboratory() -> Iterator[Path]:
    """The data directory of a running, prepared server."""
    folder = open_folder()
    server = Server(folder / "pg", throwaway=True)
    server.start()
    databases.prepare(folder / "pg")
    yield folder / "pg"
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_platform(laboratory: Path) -> Callable[[], str]:
    """Make an empty platform; returns its URL as superuser."""

    def make() -> str:
        name = f"platform_{next(NUMBERS)}"
        maintenance = databases.url(laboratory, "postgres", "postgres")
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE platform")
        return databases.url(laboratory, name, "postgres")

    return make


@pytest.fixture(scope="session")
def scratch(new_platform: Callable[[], str]) -> str:
    """The URL of a platform that is empty between tests."""
    return new_platform()


@pytest.fixture
def platform(scratch: str) -> Iterator[psycopg.Connection]:
    """A connection to an empty platform; every statement commits."""
    with psycopg.connect(scratch, autocommit=True) as connection:
        yield connection
        connection.execute("SET session_replication_role = replica")
        tables = generator.Counts._fields
        connection.execute(";".join(f"DELETE FROM {table}" for table in tables))


@pytest.fixture(scope="session")
def demo(new_platform: Callable[[], str]) -> tuple[str, generator.Counts]:
    """A platform with the demonstration's data, for reading: its URL and the counts."""
    url = new_platform()
    return url, generator.load(url, "demo", now=NOW)
