"""Rows of the platform, and platforms that are in trouble."""

import psycopg
import pytest

from opsconsole.history import samples
from opsconsole.platform import contract
from tests.conftest import PLATFORM
from tests.workspaces import rows


@pytest.fixture
def make(platform_sql):
    """The factories of `rows`; triggers stay out of hand-made rows."""
    platform_sql("SET session_replication_role = replica")
    return rows.Factories(platform_sql)


@pytest.fixture
def variant(platform_sql):
    """Change the platform's tables; changed back after the test."""
    undo = []

    def change(do, back):
        platform_sql(do)
        undo.append(back)
        contract.forget()

    yield change
    for back in reversed(undo):
        platform_sql(back)
    contract.forget()


@pytest.fixture
def locked(monkeypatch, databases):
    """Somebody rebuilds the table, and we have little patience."""
    monkeypatch.setattr(samples, "PATIENCE", 0.5)
    contract.current(refresh=True)
    with psycopg.connect(PLATFORM) as connection:
        connection.execute(
            "LOCK workspace_tracked_repositories IN ACCESS EXCLUSIVE MODE"
        )
        yield connection
