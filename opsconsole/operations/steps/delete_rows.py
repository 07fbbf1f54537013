"""Delete rows."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import F, Model, QuerySet
from django.db.models.expressions import RawSQL

from opsconsole.operations import columns as column_facts
from opsconsole.operations.columns import WHOLE_ROW
from opsconsole.operations.models import Step
from opsconsole.operations.steps.base import EXACT, NEVER
from opsconsole.operations.steps.row_step import RowStep
from opsconsole.platform.db import READ


@dataclass(frozen=True)
class DeleteRows(RowStep):
    """Delete the selected rows, those that then still belong to the selection.

    `keep` stores each row whole, so that the step can be undone and a row that changed
    since the plan is left alone; about 500 bytes a row. Without it nothing is kept and
    nothing comes back.
    """

    rows: QuerySet[Any]
    keep: bool = False
    again: QuerySet[Any] | None = None  # the same rows, phrased for looking up a few

    kind: ClassVar[str] = "delete rows"
    WRITE: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned}),
written AS (
  DELETE FROM {table} AS t USING planned
  WHERE t.{key} = planned.key AND {unchanged} AND {selected}
  RETURNING t.{key} AS key
)
SELECT count(*), coalesce(array_agg(key), '{{}}')::text, pg_current_xact_id()::text
FROM written"""
    EXCEPTIONS: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned})
SELECT planned.position, {current} AS holds,
  CASE WHEN t.{key} IS NULL THEN 'found' WHEN {unchanged} THEN 'left the selection'
    ELSE 'changed' END AS why
FROM planned LEFT JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key <> ALL(%(written)s::uuid[])
ORDER BY planned.position"""
    HOLDING: ClassVar[str] = """SELECT count(*)
FROM unnest(%(written)s::uuid[]) AS written(key)
WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE t.{key} = written.key)"""

    @property
    def model(self) -> type[Model]:
        return self.rows.model

    @property
    def undo(self) -> str:  # type: ignore[override]
        return EXACT if self.keep else NEVER

    def columns(self) -> dict[str, str]:
        return {WHOLE_ROW: "jsonb"} if self.keep else {}

    def order(self) -> str:
        return "place"  # deleted rows never move: physical order touches each page once

    def changed(self) -> QuerySet[Any]:
        table = self.model._meta.db_table
        named: dict[str, Any] = {"key": F("pk"), "place": RawSQL(f'"{table}".ctid', ())}  # noqa: S611
        if self.keep:
            named["before_0"] = RawSQL(f'to_jsonb("{table}".*)::text', ())  # noqa: S611
        selected: QuerySet[Any] = self.rows.using(READ).order_by()
        annotated: QuerySet[Any] = selected.annotate(**named)
        return annotated

    def stored(self) -> dict[str, Any]:
        rows = self.rows if self.again is None else self.again
        table = self.model._meta.db_table
        return {
            "table": table,
            "key": str(self.model._meta.pk.column),
            "columns": self.columns(),
            "selection_sql": column_facts.selection(rows),
            "spec": {**self.spec(), "names": [*column_facts.table_columns(table)]},
        }

    @classmethod
    def opposite(cls, step: Step) -> dict[str, Any] | None:
        if not step.columns:
            return None
        return {
            "kind": "insert rows",
            "table": step.table,
            "key": step.key,
            "columns": step.columns,
            "spec": {
                "once": {"before": [], "after": []},
                "names": step.spec.get("names", []),
            },
        }
