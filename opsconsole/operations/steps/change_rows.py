"""Set columns of rows."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.models import (
    Case,
    F,
    Field,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    When,
)
from django.db.models.functions import Cast

from opsconsole.operations.models import Step
from opsconsole.operations.steps import columns as column_facts
from opsconsole.operations.steps.columns import (
    IsDistinctFrom,
    column_of,
    expression,
    is_constant,
)
from opsconsole.operations.steps.row_step import RowStep, place
from opsconsole.operations.steps.summary import old_to_new
from opsconsole.platform.db import READ

UPDATE = """WITH planned AS MATERIALIZED ({planned}),
written AS (
  UPDATE {table} AS t SET {assignments}
  FROM planned%s WHERE t.{key} = planned.key AND {unchanged} AND %s
  RETURNING t.{key} AS key
)
{result}"""


@dataclass(frozen=True)
class ChangeRows(RowStep):
    """Set columns of the selected rows.

    `values` are constants or database expressions over the row; PostgreSQL evaluates
    them once, while planning. A row is written later only if it still belongs to `rows`
    and still holds what the plan saw, or for a column in `held` what an earlier step of
    the same run leaves there.
    """

    values: dict[str, Any]
    held: dict[str, Any] = field(default_factory=dict, kw_only=True)
    first: Q | None = field(
        default=None, kw_only=True
    )  # these come in the first chunks

    kind: ClassVar[str] = "change rows"
    side_by_side: ClassVar[bool] = True
    # Updates follow the primary key: random keys let PostgreSQL reuse a page's space
    # (measured: a third of the time of one UPDATE), physical order meets rows again.
    WRITE: ClassVar[str] = UPDATE % ("", "{selected}")
    # Without a lock before. `seen` is the row as the statement saw it when it began: what
    # somebody changed since has another xmin, is not written here and is looked at again
    # under a lock. (ctid would not do: older minor releases do not compare it again.)
    QUICK: ClassVar[str] = UPDATE % (" {seen}", "{seen_selected}")
    EXCEPTIONS: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned})
SELECT planned.position, {current} AS holds,
  CASE WHEN t.{key} IS NULL THEN 'deleted' WHEN {holds_after} THEN 'found'
    WHEN {unchanged} THEN 'left the selection' ELSE 'changed' END AS why
FROM planned LEFT JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key <> ALL(%(written)s::uuid[])
ORDER BY planned.position"""

    @property
    def fields(self) -> "list[Field[Any, Any]]":
        """The columns to write, in a fixed order."""
        by_name = {column_of(one): one for one in self.model._meta.concrete_fields}
        return [by_name[column] for column in sorted(self.values)]

    def columns(self) -> dict[str, str]:
        return column_facts.types(self.model, sorted(self.values))

    def once(self) -> dict[str, list[str]]:
        sides = {"before": self.held, "after": self.values}
        return {
            side: sorted(name for name, value in given.items() if is_constant(value))
            for side, given in sides.items()
        }

    def order(self) -> str:
        """Keys at random, unless an index has a written column: then page by page.

        Random keys let PostgreSQL reuse a page's space and leave the indexes alone, which
        it cannot where an index must follow: there each page is best touched once.
        """
        by = "place" if self._is_indexed() else "key"
        return by if self.first is None else f"later, {by}"

    def changed(self) -> QuerySet[Any]:
        differs = Q()
        named: dict[str, Any] = {"key": F("pk")}
        for number, one in enumerate(self.fields):
            before = self._typed(self.held.get(column_of(one), F(one.attname)), one)
            after = self._typed(self.values[column_of(one)], one)
            differs |= Q(IsDistinctFrom(before, after))
            named[f"before_{number}"] = Cast(before, TextField())
            named[f"after_{number}"] = Cast(after, TextField())
        if self.first is not None:
            sooner = When(self.first, then=0)
            named["later"] = Case(sooner, default=1, output_field=IntegerField())
        if self._is_indexed():
            named["place"] = place(self.model)
        changing: QuerySet[Any] = self.rows.using(READ).order_by().filter(differs)
        annotated: QuerySet[Any] = changing.annotate(**named)
        return annotated

    def selected(self) -> int:
        return self.rows.using(READ).order_by().count()

    def summary(self, stored: Step) -> dict[str, Any]:
        changed = self.changed()
        pairs = [
            {"name": one.column, **old_to_new(changed, number, one.attname)}
            for number, one in enumerate(self.fields)
        ]
        return {**super().summary(stored), "columns": pairs}

    def _typed(self, value: Any, column: "Field[Any, Any]") -> Cast:
        return Cast(expression(value, column), output_field=column)

    def _is_indexed(self) -> bool:
        indexed = column_facts.indexed(self.model._meta.db_table)
        return not indexed.isdisjoint(self.values)

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
