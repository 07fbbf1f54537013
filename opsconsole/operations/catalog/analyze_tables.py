from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from psycopg import sql

from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import Statement
from opsconsole.operations.verdicts import Level, Verdict
from opsconsole.platform import contract
from opsconsole.platform.db import fetch
from opsconsole.platform.models import MODELS

USUAL = (  # runbook
    "daily_activity_metrics",
    "workspace_issues_cache",
    "workspace_tracked_repositories",
)


def _tables() -> list[tuple[str, str]]:
    """Those that this platform has."""
    catalog = contract.current().catalog
    found = sorted(catalog.tables) if catalog else sorted(MODELS)
    return [(name, name) for name in found]


def _usual() -> list[str]:
    return [name for name, _ in _tables() if name in USUAL]


@register
class AnalyzeTables(Operation):
    """Let PostgreSQL look at tables anew, so that it plans queries by what is in them.

    Runbook: "Database Optimization" runs ANALYZE on three tables. Whoever does not own
    one gets a warning and a success, and nothing is done; and two of them may not be
    there. Ours takes tables that are there and counts a warning as not done.
    """

    slug = "analyze-tables"
    title = "Analyze tables"
    purpose = "maintenance"
    risk = "routine"
    icon = "database-zap"

    class Form(forms.Form):
        """Which tables."""

        tables = forms.MultipleChoiceField(
            choices=_tables,
            initial=_usual,
            widget=forms.CheckboxSelectMultiple,
            help_text="It reads a sample of each and blocks nobody.",
        )

    def usual(self) -> dict[str, Any]:
        return {"tables": _usual()}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[Statement]:
        return [
            Statement(f"Analyze {table}", _analyze(table), optional=True)
            for table in params["tables"]
        ]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return ", ".join(params["tables"])

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [*_of_others(run.params["tables"])]


def _analyze(table: str) -> str:
    return sql.SQL("ANALYZE {}").format(sql.Identifier(table)).as_string()


def _of_others(tables: list[str]) -> Iterator[Verdict]:
    """Tables of which PostgreSQL says “skipping” and does nothing."""
    writer = str(settings.DATABASES["platform_write"]["USER"])
    found = fetch(
        "SELECT c.relname AS name, o.rolname AS owner FROM pg_class AS c"
        " JOIN pg_roles AS o ON o.oid = c.relowner"
        " WHERE c.oid = ANY(%(tables)s::regclass[])"
        " AND NOT pg_has_role(%(writer)s, c.relowner, 'USAGE')"
        # The privilege has existed since 17; before, its name alone is an error.
        " AND NOT CASE WHEN current_setting('server_version_num')::int >= 170000"
        " THEN has_table_privilege(%(writer)s, c.oid, 'MAINTAIN') ELSE false END"
        " AND NOT EXISTS (SELECT FROM pg_database WHERE datname = current_database()"
        " AND pg_has_role(%(writer)s, datdba, 'USAGE')) ORDER BY 1",
        {"tables": tables, "writer": writer},
    )
    if found:
        names = ", ".join(row["name"] for row in found)
        owners = ", ".join(sorted({row["owner"] for row in found}))
        statements = " ".join(f"{_analyze(row['name'])};" for row in found)
        sentence = (
            f"The role {writer} does not own {names}: PostgreSQL will skip them with a"
            f" warning, and that counts as not done. Let {owners} run: {statements}"
        )
        yield Verdict("Not ours to analyze", Level.WARNING, sentence)
