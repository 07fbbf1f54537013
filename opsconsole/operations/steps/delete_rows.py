"""Delete rows."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from opsconsole.operations.models import Step
from opsconsole.operations.steps import columns as column_facts
from opsconsole.operations.steps.base import EACH, EXACT, NEVER
from opsconsole.operations.steps.columns import WHOLE_ROW
from opsconsole.operations.steps.row_step import RowStep, in_place


@dataclass(frozen=True)
class DeleteRows(RowStep):
    """Delete the selected rows, those that then still belong to the selection.

    `keep` stores each row whole, so that the step can be undone and a row that changed
    since the plan is left alone; about 500 bytes a row. Without it nothing is kept and
    nothing comes back.
    """

    keep: bool = False

    kind: ClassVar[str] = "delete rows"
    WRITE: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned}),
written AS (
  DELETE FROM {table} AS t USING planned
  WHERE t.{key} = planned.key AND {unchanged} AND {selected}
  RETURNING t.{key} AS key
)
{result}"""
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
    def undo(self) -> str:  # type: ignore[override]
        return EXACT if self.keep else NEVER

    def columns(self) -> dict[str, str]:
        return {WHOLE_ROW: "jsonb"} if self.keep else {}

    def order(self) -> str:
        return "place"  # deleted rows never move: physical order touches each page once

    def changed(self) -> QuerySet[Any]:
        rows = in_place(self.rows)
        if not self.keep:
            return rows
        whole = f'to_jsonb("{self.model._meta.db_table}".*)::text'
        kept: QuerySet[Any] = rows.annotate(before_0=RawSQL(whole, ()))  # noqa: S611
        return kept

    def spec(self) -> dict[str, Any]:
        names = column_facts.table_columns(self.model._meta.db_table)
        return {**super().spec(), "names": [*names]}

    @classmethod
    def opposite(cls, step: Step) -> dict[str, Any] | None:
        if not step.columns:
            return None
        return {
            "kind": "insert rows",
            "table": step.table,
            "key": step.key,
            "columns": step.columns,
            "spec": {"once": EACH, "names": step.spec.get("names", [])},
        }
