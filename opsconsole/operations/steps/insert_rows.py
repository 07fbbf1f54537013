"""Insert rows."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import (
    F,
    Func,
    Model,
    QuerySet,
    TextField,
    UUIDField,
)
from django.db.models.functions import Cast

from opsconsole.operations.models import Chunk, Step
from opsconsole.operations.steps import columns as column_facts
from opsconsole.operations.steps.base import EACH, Result
from opsconsole.operations.steps.columns import WHOLE_ROW, column_of, expression
from opsconsole.operations.steps.row_step import RowStep
from opsconsole.platform.db import READ


class NewKey(Func):
    """A random key, made while planning so that the row is known before it exists."""

    function = "gen_random_uuid"
    output_field = UUIDField()


@dataclass(frozen=True)
class InsertRows(RowStep):
    """Insert one row into `into` for each of the source `rows`.

    `values` are constants or expressions over the source row, `label` what names the new
    row in lists. A source that has left `rows` by then, or a row that somebody else has
    inserted meanwhile, is drift: left alone and named.
    """

    into: type[Model]
    values: dict[str, Any]
    label: Any = None  # expression over the source row: how the new row is called

    kind: ClassVar[str] = "insert rows"
    LOCK: ClassVar[str] = ""
    WRITE: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned}),
written AS (
  INSERT INTO {table} ({key}, {columns})
  SELECT planned.key, {afters} FROM planned WHERE {source_selected}
  ON CONFLICT DO NOTHING RETURNING {key} AS key
)
{result}"""
    WRITE_WHOLE: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned}),
written AS (
  INSERT INTO {table} ({names})
  SELECT {names} FROM planned,
    LATERAL jsonb_populate_record(NULL::{table}, planned.after_0) AS kept
  ON CONFLICT DO NOTHING RETURNING {key} AS key
)
{result}"""
    EXCEPTIONS: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned})
SELECT planned.position, {current} AS holds,
  CASE WHEN t.{key} IS NOT NULL AND {holds_after} THEN 'found'
    WHEN t.{key} IS NULL AND NOT ({source_selected}) THEN 'left the selection'
    ELSE 'exists' END AS why
FROM planned LEFT JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key <> ALL(%(written)s::uuid[])
ORDER BY planned.position"""

    @property
    def model(self) -> type[Model]:
        return self.into

    def columns(self) -> dict[str, str]:
        return column_facts.types(self.into, sorted(self.values))

    def changed(self) -> QuerySet[Any]:
        by_name = {column_of(one): one for one in self.into._meta.concrete_fields}
        named: dict[str, Any] = {"key": NewKey(), "source": F("pk")}
        for number, name in enumerate(sorted(self.values)):
            typed = Cast(
                expression(self.values[name], by_name[name]), output_field=by_name[name]
            )
            named[f"after_{number}"] = Cast(typed, TextField())
        if self.label is not None:
            named["label"] = self.label
        sources: QuerySet[Any] = self.rows.using(READ).order_by()
        annotated: QuerySet[Any] = sources.annotate(**named)
        return annotated

    def spec(self) -> dict[str, Any]:
        return {**super().spec(), "source": str(self.rows.model._meta.pk.column)}

    @classmethod
    def apply(cls, cursor: Any, chunk: Chunk) -> Result:
        kind = Restored if WHOLE_ROW in chunk.step.columns else cls
        return super(InsertRows, kind).apply(cursor, chunk)

    @classmethod
    def shown(cls, step: Step) -> list[tuple[str, str]]:
        kind = Restored if WHOLE_ROW in step.columns else cls
        return super(InsertRows, kind).shown(step)

    @classmethod
    def opposite(cls, step: Step) -> dict[str, Any]:
        return {
            "kind": "delete rows",
            "table": step.table,
            "key": step.key,
            "columns": step.columns,
            "spec": {"once": EACH},
        }


class Restored(InsertRows):
    """Whole rows that a deletion kept: the undo of one."""

    WRITE: ClassVar[str] = InsertRows.WRITE_WHOLE
