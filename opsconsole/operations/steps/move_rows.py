"""Move rows from one table into another of the same shape."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet

from opsconsole.operations.models import Step
from opsconsole.operations.steps import columns as column_facts
from opsconsole.operations.steps.row_step import RowStep, in_place


@dataclass(frozen=True)
class MoveRows(RowStep):
    """Move the selected rows to the table `to`, each chunk wholly or not at all.

    One statement deletes and inserts, so a row is never in both tables nor in none. The
    journal keeps keys alone: the rows themselves are in the other table.
    """

    to: str

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

    def order(self) -> str:
        return "place"  # as they lie on disk: deleted rows never move

    def changed(self) -> QuerySet[Any]:
        return in_place(self.rows)

    def spec(self) -> dict[str, Any]:
        return {**super().spec(), "to": self.to, "names": self._shared()}

    def _shared(self) -> list[str]:
        """The columns of both tables; they must be the same, of the same types."""
        table = self.model._meta.db_table
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
