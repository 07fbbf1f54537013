"""What an operation is made of: steps, in order.

One step per group of columns that can be restored on its own, since only a step's own
columns are compared when it is applied or undone.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Expression, F, Field, Model, QuerySet, Value


def column_of(field: "Field[Any, Any]") -> str:
    """A concrete field's column; only a field without one has None."""
    return str(field.column)


@dataclass(frozen=True)
class ChangeRows:
    """Set columns of the selected rows.

    `values` are constants or database expressions over the row; PostgreSQL evaluates
    them once, while planning. A row is written later only if it still belongs to `rows`
    and still holds what the plan saw.
    """

    title: str
    rows: QuerySet[Any]
    values: dict[str, Any]
    again: QuerySet[Any] | None = None  # the same rows, phrased for looking up a few

    kind = "change rows"

    @property
    def model(self) -> type[Model]:
        return self.rows.model

    @property
    def fields(self) -> "list[Field[Any, Any]]":
        """The columns to write, in a fixed order."""
        by_name = {
            column_of(field): field for field in self.model._meta.concrete_fields
        }
        return [by_name[column] for column in sorted(self.values)]

    def is_constant(self, column: str) -> bool:
        """Whether every row gets the same value, which is then stored once."""
        value = self.values[column]
        return isinstance(value, Value) or not hasattr(value, "resolve_expression")

    def expression(self, column: str) -> Expression | F:
        """The value as something PostgreSQL evaluates."""
        value = self.values[column]
        return value if hasattr(value, "resolve_expression") else Value(value)
