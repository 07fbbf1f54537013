"""A step's changes as chunks, streamed from the plan's snapshot.

Keys and values come as whole arrays in PostgreSQL's own text and are stored as such: a
million rows never become Python objects.
"""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import connections
from django.db.models import (
    JSONField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast

from opsconsole.operations.models import Chunk, Step
from opsconsole.platform.db import READ

if TYPE_CHECKING:
    from opsconsole.operations.steps.base import Texts

CHUNK_ROWS = 500  # rows; the engine writes several chunks at once while that is quick
AT_ONCE = 20  # chunks held in memory on their way from one database to the other


def digest(number: int, keys: str, before: str, after: str) -> str:
    """A chunk's fingerprint, over its contents as PostgreSQL prints them."""
    whole = "\n".join([str(number), keys, before, after])
    return hashlib.sha256(whole.encode()).hexdigest()


def is_as_planned(chunk: Chunk) -> bool:
    """Whether its contents still have their fingerprint; it comes from `as_text()`."""
    return digest(chunk.number, **chunk.texts) == chunk.digest


def chunk_of(stored: Step, number: int, texts: "Texts") -> Chunk:
    """The chunk to store; PostgreSQL parses its texts."""
    labels = texts.labels and Cast(Value(texts.labels), ArrayField(TextField()))
    return Chunk(
        step=stored,
        number=number,
        keys=Cast(Value(texts.keys), ArrayField(UUIDField())),
        before=Cast(Value(texts.before), JSONField()),
        after=Cast(Value(texts.after), JSONField()),
        labels=labels or None,
        digest=digest(number, texts.keys, texts.before, texts.after),
    )


def stream(
    changed: QuerySet[Any],
    columns: list[str],
    once: dict[str, list[str]],
    order: str,
    *,
    named: bool,
) -> Iterator["Texts"]:
    """Each chunk's contents; `changed` has `key`, `before_0`, `after_0`, … in the columns' order.

    `order` is SQL over those; within a chunk rows follow their keys, as they are locked.
    """
    from opsconsole.operations.steps.base import Texts

    if named:
        changed = _labelled(changed)
    names = list(changed.query.annotation_select)
    changes, params = changed.values(*names).query.get_compiler(READ).as_sql()
    labels = "array_agg(coalesce(label, key::text) ORDER BY key)::text"
    statement = (  # names and expressions come from our models, values are parameters
        f"SELECT array_agg(key ORDER BY key)::text,"  # noqa: S608
        f" {_json('before', columns, once, names)}, {_json('after', columns, once, names)},"
        f" {labels if 'label' in names else 'NULL'}"
        f" FROM (SELECT *, (row_number() OVER (ORDER BY {order}) - 1) / {CHUNK_ROWS} AS chunk"
        f" FROM ({changes}) AS changes) AS numbered GROUP BY chunk ORDER BY chunk"
    )
    database = connections[READ]
    with (
        database.wrap_database_errors,
        database.connection.cursor(name="plan") as cursor,  # in the plan's snapshot
    ):
        cursor.itersize = AT_ONCE
        for keys, before, after, names_of in cursor.execute(statement, params):
            yield Texts(keys, before, after, names_of)


def _labelled(changed: QuerySet[Any]) -> QuerySet[Any]:
    """With each row's name; not by a join, which could lose a row that has none."""
    manager = changed.model._default_manager.all()
    if "label" in changed.query.annotation_select or not hasattr(manager, "described"):
        return changed
    described = manager.filter(pk=OuterRef("pk")).described()
    labelled: QuerySet[Any] = changed.annotate(
        label=Subquery(described.values("row_label")[:1])
    )
    return labelled


def _json(
    side: str, columns: list[str], once: dict[str, list[str]], names: list[str]
) -> str:
    """SQL for {column: [values]}, or {column: value} where all rows get the same."""
    parts = []
    if side == "before" and "source" in names:
        parts.append("'source', jsonb_agg(source ORDER BY key)")
    for number, column in enumerate(columns):
        value = f"{side}_{number}"
        if value in names:
            many = f"jsonb_agg({value} ORDER BY key)"
            whole = f"to_jsonb(min({value}))" if column in once[side] else many
            parts.append(f"'{column}', {whole}")
    return f"jsonb_build_object({', '.join(parts)})::text"
