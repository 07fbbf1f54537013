"""Set columns of rows."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.models import (
    Case,
    Expression,
    F,
    Field,
    IntegerField,
    Model,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from opsconsole.operations import columns as column_facts
from opsconsole.operations.columns import IsDistinctFrom, column_of
from opsconsole.operations.models import Step
from opsconsole.operations.steps.row_step import RowStep
from opsconsole.operations.summary import old_to_new
from opsconsole.platform.db import READ


@dataclass(frozen=True)
class ChangeRows(RowStep):
    """Set columns of the selected rows.

    `values` are constants or database expressions over the row; PostgreSQL evaluates
    them once, while planning. A row is written later only if it still belongs to `rows`
    and still holds what the plan saw.
    """

    rows: QuerySet[Any]
    values: dict[str, Any]
    again: QuerySet[Any] | None = None  # the same rows, phrased for looking up a few
    first: Q | None = field(
        default=None, kw_only=True
    )  # these come in the first chunks

    kind: ClassVar[str] = "change rows"
    # Updates follow the primary key: random keys let PostgreSQL reuse a page's space
    # (measured: a third of the time of one UPDATE), physical order meets rows again.
    WRITE: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned}),
written AS (
  UPDATE {table} AS t SET {assignments}
  FROM planned WHERE t.{key} = planned.key AND {unchanged} AND {selected}
  RETURNING t.{key} AS key
)
SELECT count(*), coalesce(array_agg(key), '{{}}')::text, pg_current_xact_id()::text
FROM written"""
    # Without a lock before. `seen` is the row as the statement saw it when it began: what
    # somebody changed since has another xmin, is not written here and is looked at again
    # under a lock. (ctid would not do: older minor releases do not compare it again.)
    QUICK: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned}),
written AS (
  UPDATE {table} AS t SET {assignments}
  FROM planned {seen} WHERE t.{key} = planned.key AND {unchanged} AND {seen_selected}
  RETURNING t.{key} AS key
)
SELECT count(*), coalesce(array_agg(key), '{{}}')::text, pg_current_xact_id()::text
FROM written"""
    EXCEPTIONS: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned})
SELECT planned.position, {current} AS holds,
  CASE WHEN t.{key} IS NULL THEN 'deleted' WHEN {holds_after} THEN 'found'
    WHEN {unchanged} THEN 'left the selection' ELSE 'changed' END AS why
FROM planned LEFT JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key <> ALL(%(written)s::uuid[])
ORDER BY planned.position"""
    HOLDING: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned})
SELECT count(*) FROM planned JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key = ANY(%(written)s::uuid[]) AND {holds_after}"""

    @property
    def model(self) -> type[Model]:
        return self.rows.model

    @property
    def fields(self) -> "list[Field[Any, Any]]":
        """The columns to write, in a fixed order."""
        by_name = {column_of(one): one for one in self.model._meta.concrete_fields}
        return [by_name[column] for column in sorted(self.values)]

    def columns(self) -> dict[str, str]:
        return column_facts.types(self.model, sorted(self.values))

    def once(self) -> dict[str, list[str]]:
        constant = [name for name in sorted(self.values) if self._is_constant(name)]
        return {"before": [], "after": constant}

    def order(self) -> str:
        return "key" if self.first is None else "later, key"

    def changed(self) -> QuerySet[Any]:
        differs = Q()
        named: dict[str, Any] = {"key": F("pk")}
        for number, one in enumerate(self.fields):
            after = Cast(self._expression(column_of(one)), output_field=one)
            differs |= Q(IsDistinctFrom(F(one.attname), after))
            named[f"before_{number}"] = Cast(F(one.attname), TextField())
            named[f"after_{number}"] = Cast(after, TextField())
        if self.first is not None:
            sooner = When(self.first, then=0)
            named["later"] = Case(sooner, default=1, output_field=IntegerField())
        changing: QuerySet[Any] = self.rows.using(READ).order_by().filter(differs)
        annotated: QuerySet[Any] = changing.annotate(**named)
        return annotated

    def selected(self) -> int:
        return self.rows.using(READ).order_by().count()

    def stored(self) -> dict[str, Any]:
        rows = self.rows if self.again is None else self.again
        return {
            "table": self.model._meta.db_table,
            "key": str(self.model._meta.pk.column),
            "columns": self.columns(),
            "selection_sql": column_facts.selection(rows),
            "spec": self.spec(),
        }

    def summary(self) -> dict[str, Any]:
        changed = self.changed()
        pairs = [
            {"name": one.column, **old_to_new(changed, number, one.attname)}
            for number, one in enumerate(self.fields)
        ]
        return {**super().summary(), "columns": pairs}

    @classmethod
    def opposite(cls, step: Step) -> dict[str, Any]:
        once = {
            "before": step.spec["once"]["after"],
            "after": step.spec["once"]["before"],
        }
        return {
            "kind": cls.kind,
            "table": step.table,
            "key": step.key,
            "columns": step.columns,
            "spec": {"once": once},
        }

    def _is_constant(self, column: str) -> bool:
        value = self.values[column]
        return isinstance(value, Value) or not hasattr(value, "resolve_expression")

    def _expression(self, column: str) -> Expression | F:
        """The value as something PostgreSQL evaluates."""
        value = self.values[column]
        if hasattr(value, "resolve_expression"):
            return value  # type: ignore[no-any-return]
        if value is None:
            return Value(None)
        [field] = [one for one in self.fields if column_of(one) == column]
        return Value(value, output_field=field)  # lists and dictionaries need it
