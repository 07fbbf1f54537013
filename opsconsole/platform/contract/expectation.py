"""What the console expects of the platform, read from the models.

A field of a model is the only place where a column is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import Field, ForeignKey, Model

APP = "platform"
TEXT = frozenset({"text", "character varying", "character", "citext", "name"})
WHOLE = frozenset({"smallint", "integer", "bigint"})
# Django's internal type -> the types, as format_type() prints them, that it can read.
TYPES: dict[str, frozenset[str]] = {
    "BigIntegerField": WHOLE,
    "BooleanField": frozenset({"boolean"}),
    "CharField": TEXT,
    "DateField": frozenset({"date"}),
    "DateTimeField": frozenset({"timestamp with time zone"}),
    "DecimalField": frozenset({"numeric"}) | WHOLE,
    "FloatField": frozenset({"real", "double precision", "numeric"}) | WHOLE,
    "IntegerField": WHOLE,
    "JSONField": frozenset({"json", "jsonb"}),
    "SmallIntegerField": WHOLE,
    "TextField": TEXT,
    "UUIDField": frozenset({"uuid"}),
}


@dataclass(frozen=True)
class ExpectedTable:
    """A table as its model knows it; columns as name -> types it may have."""

    name: str
    key: str
    optional: bool
    columns: Mapping[str, frozenset[str]]


@cache
def expected_tables() -> dict[str, ExpectedTable]:
    """Every table we know, by name."""
    models = apps.get_app_config(APP).get_models()
    return {model._meta.db_table: _expected(model) for model in models}


def unknown(need: str) -> bool:
    """Whether "table" or "table.column" is nothing that a model names."""
    table, _, column = need.partition(".")
    expected = expected_tables().get(table)
    return expected is None or (column != "" and column not in expected.columns)


def _expected(model: type[Model]) -> ExpectedTable:
    fields = {
        field.column: field for field in model._meta.concrete_fields if field.column
    }
    return ExpectedTable(
        name=model._meta.db_table,
        key=next(name for name, field in fields.items() if field.primary_key),
        optional=getattr(model, "optional", False),
        columns={name: _types(field) for name, field in fields.items()},
    )


def _types(field: "Field[object, object]") -> frozenset[str]:
    """The types a column may have. Raises KeyError for a kind of field not seen before."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return TYPES[field.get_internal_type()]
