"""Move rows from one table into another of the same shape."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import F, Model, QuerySet
from django.db.models.expressions import RawSQL

from opsconsole.operations import columns as column_facts
from opsconsole.operations.models import Step
from opsconsole.operations.steps.row_step import RowStep
from opsconsole.platform.db import READ


@dataclass(frozen=True)
class MoveRows(RowStep):
    """Move the selected rows to the table `to`, each chunk wholly or not at all.

    One statement deletes and inserts, so a row is never in both tables nor in none. The
    journal keeps keys alone: the rows themselves are in the other table.
    """

    rows: QuerySet[Any]
    to: str
    again: QuerySet[Any] | None = None  # the same rows, phrased for looking up a few

    kind: ClassVar[str] = "move rows"
    WRITE: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned}),
moved AS (
  DELETE FROM {table} AS t USING planned WHERE t.{key} = planned.key AND {selected}
    AND NOT EXISTS (SELECT FROM {target} AS o WHERE o.{key} = planned.key)
  RETURNING t.*
),
written AS (
  INSERT INTO {target} ({names}) SELECT {names} FROM moved RETURNING {key} AS key
)
SELECT count(*), coalesce(array_agg(key), '{{}}')::text, pg_current_xact_id()::text,
  -- a trigger that swallows a row must not lose it
  1 / (count(*) = (SELECT count(*) FROM moved))::int
FROM written"""
    EXCEPTIONS: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned})
SELECT planned.position, {current} AS holds,
  CASE WHEN t.{key} IS NOT NULL AND o.{key} IS NOT NULL THEN 'exists'
    WHEN t.{key} IS NOT NULL THEN 'left the selection'
    WHEN o.{key} IS NOT NULL THEN 'found' ELSE 'deleted' END AS why
FROM planned LEFT JOIN {table} AS t ON t.{key} = planned.key
  LEFT JOIN {target} AS o ON o.{key} = planned.key
WHERE planned.key <> ALL(%(written)s::uuid[])
ORDER BY planned.position"""
    HOLDING: ClassVar[str] = """SELECT count(*)
FROM unnest(%(written)s::uuid[]) AS written(key) JOIN {target} AS o ON o.{key} = written.key
WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE t.{key} = written.key)"""

    @property
    def model(self) -> type[Model]:
        return self.rows.model

    def order(self) -> str:
        return "place"  # as they lie on disk: deleted rows never move

    def changed(self) -> QuerySet[Any]:
        place = RawSQL(f'"{self.model._meta.db_table}".ctid', ())  # noqa: S611
        selected: QuerySet[Any] = self.rows.using(READ).order_by()
        annotated: QuerySet[Any] = selected.annotate(key=F("pk"), place=place)
        return annotated

    def stored(self) -> dict[str, Any]:
        table = self.model._meta.db_table
        rows = self.rows if self.again is None else self.again
        return {
            "table": table,
            "key": str(self.model._meta.pk.column),
            "columns": {},
            "selection_sql": column_facts.selection(rows),
            "spec": {**self.spec(), "to": self.to, "names": self._shared(table)},
        }

    def _shared(self, table: str) -> list[str]:
        """The columns of both tables; they must be the same, of the same types."""
        ours, theirs = map(column_facts.table_columns, (table, self.to))
        if not theirs:
            raise LookupError(f"The platform has no table {self.to}")
        if ours != {name: theirs.get(name) for name in ours}:
            raise LookupError(f"{self.to} has not all columns of {table}")
        return list(ours)

    @classmethod
    def opposite(cls, step: Step) -> dict[str, Any]:
        spec = {
            "names": step.spec["names"],
            "once": step.spec["once"],
            "to": step.table,
        }
        return {
            "kind": cls.kind,
            "table": step.spec["to"],
            "key": step.key,
            "columns": {},
            "spec": spec,
        }
