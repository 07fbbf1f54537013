"""The table into which daily metrics are archived, which no migration of the platform makes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from psycopg import sql

from opsconsole.operations.steps import MoveRows, Texts
from opsconsole.operations.steps.chunking import stream
from opsconsole.operations.steps.columns import table_columns
from opsconsole.operations.steps.summary import samples
from opsconsole.platform import contract
from opsconsole.platform.db import fetch
from opsconsole.platform.models import DailyActivityMetric, DailyActivityMetricArchive
from opsconsole.platform.panel import ask

METRICS = DailyActivityMetric._meta.db_table
ARCHIVE = DailyActivityMetricArchive._meta.db_table
READ_THERE = (f"{ARCHIVE}.date", f"{ARCHIVE}.id", f"{ARCHIVE}.repository_id")


def obstacles(platform: contract.Contract, *, grants: str) -> list[str]:
    """Why nothing can be archived: no table, and none that we may make; else nothing.

    `grants` is the file to run once there is a table.
    """
    if platform.catalog is None or METRICS not in platform.catalog.tables:
        return []  # which is said anyway
    if ARCHIVE in platform.catalog.tables:
        lacking = platform.lacks(*READ_THERE)
        return [*lacking, *platform.lacks_grants({}, reads=READ_THERE)]
    may = ask(_may_make_it)
    if may.answer is None:
        return [may.problem]
    return [] if may.answer else [_let_others_make_it(grants)]


def made_by_us() -> str:
    """The statements that make it, for the role that writes."""
    reader = sql.Identifier(_role("platform")).as_string()
    return f"{_made_like_it()} GRANT SELECT ON {ARCHIVE} TO {reader};"


@dataclass(frozen=True)
class MoveMetrics(MoveRows):
    """With names for people, and into a table that a step before may make first."""

    def chunks(self, *, named: bool) -> Iterator[Texts]:
        rows = _labelled(self.changed()) if named else self.changed()
        return stream(rows, [], self.once(), self.order(), named=named)

    def summary(self, stored: Any) -> dict[str, Any]:
        return {"samples": samples(_labelled(self.changed()), [])}

    def _shared(self) -> list[str]:
        return (
            super()._shared() if table_columns(self.to) else [*table_columns(METRICS)]
        )


def _labelled(rows: QuerySet[Any]) -> QuerySet[Any]:
    text = TextField()
    name = Concat("repository__full_name", Value(" on ", text), Cast("date", text))
    labelled: QuerySet[Any] = rows.annotate(label=name)
    return labelled


def _let_others_make_it(grants: str) -> str:
    return (
        f"The platform has no table {ARCHIVE}, and the role {_role('platform_write')} may"
        f" not make it. Let the owner of {METRICS} run: {_made_like_it()} Then run"
        f" opsconsole/platform/grants/*.sql and opsconsole/operations/grants/{grants}."
    )


def _role(alias: str) -> str:
    return str(settings.DATABASES[alias]["USER"])


def _may_make_it() -> bool:
    granted = "has_schema_privilege(%s, current_schema(), 'CREATE') AS granted"
    return bool(fetch(f"SELECT {granted}", [_role("platform_write")])[0]["granted"])


def _made_like_it() -> str:
    """Row security, as what lies in the schema may be served to the whole world."""
    return (
        f"CREATE TABLE IF NOT EXISTS {ARCHIVE} (LIKE {METRICS} INCLUDING ALL);"
        f" ALTER TABLE {ARCHIVE} ENABLE ROW LEVEL SECURITY;"
    )
