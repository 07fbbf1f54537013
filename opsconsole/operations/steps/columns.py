"""What must be known of a table's columns to plan and to write them."""

from typing import Any

from django.db import connections
from django.db.models import BooleanField, Field, Func, Model, QuerySet, Value
from django.db.models.expressions import Combinable

from opsconsole.platform.db import READ

WHOLE_ROW = "*"  # stands for a column: the whole row as jsonb


class IsDistinctFrom(Func):
    """SQL's comparison that knows NULL as a value."""

    arg_joiner = " IS DISTINCT FROM "
    template = "(%(expressions)s)"
    output_field = BooleanField()
    conditional = True


def is_constant(value: Any) -> bool:
    """Whether every row gets the same value."""
    return isinstance(value, Value) or not hasattr(value, "resolve_expression")


def expression(value: Any, field: "Field[Any, Any]") -> Combinable:
    """A value for that field as something PostgreSQL evaluates."""
    if hasattr(value, "resolve_expression"):
        return value  # type: ignore[no-any-return]
    # Lists and dictionaries need their type; NULL has none.
    return Value(value) if value is None else Value(value, output_field=field)


def column_of(field: "Field[Any, Any]") -> str:
    """A concrete field's column; only a field without one has None."""
    return str(field.column)


def types(model: type[Model], names: list[str]) -> dict[str, str]:
    """Column -> type as the platform prints it. Raises LookupError for a missing one."""
    table = model._meta.db_table
    found = table_columns(table)
    if missing := sorted(set(names) - set(found)):
        raise LookupError(f"{table} has no column {missing[0]}")
    return {name: found[name] for name in names}


def table_columns(table: str) -> dict[str, str]:
    """Every column of a table that can be written -> type, in the table's order.

    Empty when there is no such table.
    """
    with connections[READ].cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
            " AND attgenerated = '' ORDER BY attnum",
            [table],
        )
        return dict(cursor.fetchall())


def indexed(table: str) -> set[str]:
    """The columns that an index has, as a key or in its condition."""
    with connections[READ].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT a.attname FROM pg_index i JOIN pg_attribute a"
            " ON a.attrelid = i.indrelid AND a.attnum > 0"
            " WHERE i.indrelid = to_regclass(%s) AND (a.attnum = ANY(i.indkey)"
            " OR EXISTS (SELECT FROM pg_depend d WHERE d.objid = i.indexrelid"
            " AND d.classid = 'pg_class'::regclass AND d.refclassid = d.classid"
            " AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))",
            [table],
        )
        return {name for (name,) in cursor.fetchall()}


def selection(rows: QuerySet[Any]) -> str:
    """The rows as one literal statement that yields keys.

    Asked again before each write, for the rows of a chunk alone.
    """
    return literal(rows.using(READ).order_by().values_list(rows.model._meta.pk.attname))


def literal(rows: QuerySet[Any, Any]) -> str:
    """A queryset as SQL without parameters, for storing and showing."""
    sql, params = rows.query.get_compiler(READ).as_sql()
    with connections[READ].cursor() as cursor:
        return str(cursor.mogrify(sql, params))
