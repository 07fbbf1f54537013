"""The rows of a step that would change, as one query on the platform.

Before and after are the text PostgreSQL prints, so that they can be stored, compared
and written back exactly.
"""

from typing import Any

from django.db import connections
from django.db.models import (
    BooleanField,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.functions import Cast

from opsconsole.operations.steps import ChangeRows, column_of
from opsconsole.platform.db import READ


class IsDistinctFrom(Func):
    """SQL's comparison that knows NULL as a value."""

    arg_joiner = " IS DISTINCT FROM "
    template = "(%(expressions)s)"
    output_field = BooleanField()
    conditional = True


def changed_rows(step: ChangeRows) -> QuerySet[Any]:
    """The selected rows whose before differs from their after.

    Each row has `key`, and `before_0`, `after_0`, … in the order of `step.fields`.
    """
    differs = Q()
    columns: dict[str, Any] = {"key": F("pk")}
    for number, field in enumerate(step.fields):
        after = Cast(step.expression(column_of(field)), output_field=field)
        differs |= Q(IsDistinctFrom(F(field.attname), after))
        columns[f"before_{number}"] = Cast(F(field.attname), TextField())
        columns[f"after_{number}"] = Cast(after, TextField())
    rows: QuerySet[Any] = step.rows.using(READ).order_by()
    changed: QuerySet[Any] = rows.filter(differs).annotate(**columns)
    return changed


def label(step: ChangeRows) -> Subquery:
    """A row's name; not by a join, which could lose a row that has none."""
    described = step.model._default_manager.filter(pk=OuterRef("pk")).described()  # type: ignore[attr-defined]
    return Subquery(described.values("row_label")[:1])


def selection_sql(step: ChangeRows) -> str:
    """The step's selection as one literal statement that yields keys.

    Asked again before each write, for the rows of a chunk alone.
    """
    key = step.model._meta.pk.attname
    rows = step.rows if step.again is None else step.again
    return literal(rows.using(READ).order_by().values_list(key))


def literal(rows: QuerySet[Any, Any]) -> str:
    """A queryset as SQL without parameters, for storing and showing."""
    sql, params = rows.query.get_compiler(READ).as_sql()
    with connections[READ].cursor() as cursor:
        return str(cursor.mogrify(sql, params))


def column_types(step: ChangeRows) -> dict[str, str]:
    """The written columns' types as the platform prints them, column -> type.

    Raises LookupError when the platform has no such column.
    """
    names = [column_of(field) for field in step.fields]
    with connections[READ].cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attname = ANY(%s)"
            " AND NOT attisdropped",
            [step.model._meta.db_table, names],
        )
        types = dict(cursor.fetchall())
    if missing := sorted(set(names) - set(types)):
        raise LookupError(f"{step.model._meta.db_table} has no column {missing[0]}")
    return types
