"""Platforms that differ from the sandbox's, each for one test."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from opsconsole.platform import contract
from opsconsole.platform.contract import uses

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(autouse=True)
def _fresh_contract(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing known of the platform, and no feature registered but by the test.

    Pages register while they are imported: that must not happen in a test's own list.
    """
    import_module(settings.ROOT_URLCONF)
    monkeypatch.setattr(uses, "USES", {})
    contract.forget()
    yield
    contract.forget()


@pytest.fixture
def variant(platform_sql: Sql) -> Iterator[Callable[[str, str], contract.Contract]]:
    """Change the platform, answer with the contract then; changed back after the test."""
    undo: list[str] = []

    def change(do: str, back: str) -> contract.Contract:
        platform_sql(do)
        undo.append(back)
        return contract.current(refresh=True)

    yield change
    for back in reversed(undo):
        platform_sql(back)


@pytest.fixture
def plain_role(platform_sql: Sql) -> Iterator[str]:
    """A role with SELECT on every table that bypasses no row-level security."""
    platform_sql(
        "CREATE ROLE plain_role LOGIN;"
        " GRANT CONNECT ON DATABASE platform TO plain_role;"
        " GRANT USAGE ON SCHEMA public TO plain_role;"
        " GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain_role"
    )
    yield "plain_role"
    platform_sql("DROP OWNED BY plain_role; DROP ROLE plain_role")


@pytest.fixture
def connect(databases: None) -> Iterator[Callable[..., None]]:
    """Connect an alias differently, for example `connect("platform", USER="…")`."""
    before: list[tuple[str, dict[str, Any]]] = []

    def change(alias: str, **values: Any) -> None:
        settings = connections[alias].settings_dict
        before.append((alias, {name: settings[name] for name in values}))
        connections[alias].close()
        settings.update(values)

    yield change
    for alias, values in reversed(before):
        connections[alias].close()
        connections[alias].settings_dict.update(values)
