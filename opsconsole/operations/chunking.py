"""A step's changes as chunks, streamed from the plan's snapshot.

Keys and values come as whole arrays in PostgreSQL's own text and are stored as such: a
million rows never become Python objects.
"""

import hashlib
from collections.abc import Iterator
from itertools import islice

from django.contrib.postgres.fields import ArrayField
from django.db import connections
from django.db.models import JSONField, TextField, UUIDField, Value
from django.db.models.functions import Cast

from opsconsole.operations.changes import changed_rows, label
from opsconsole.operations.models import Chunk, Step
from opsconsole.operations.steps import ChangeRows, column_of
from opsconsole.platform.db import READ

CHUNK_ROWS = 500  # rows; the engine writes several chunks at once while that is quick
AT_ONCE = 20  # chunks held in memory on their way from one database to the other


def store_chunks(stored: Step, step: ChangeRows, *, named: bool) -> None:
    """Store every change of a step; `named` keeps the rows' names beside their keys."""
    chunks = _chunks(stored, step, named=named)
    while some := list(islice(chunks, AT_ONCE)):
        Chunk.objects.bulk_create(some)


def digest(number: int, keys: str, before: str, after: str) -> str:
    """A chunk's fingerprint, over its contents as PostgreSQL prints them."""
    whole = "\n".join([str(number), keys, before, after])
    return hashlib.sha256(whole.encode()).hexdigest()


def _chunks(stored: Step, step: ChangeRows, *, named: bool) -> Iterator[Chunk]:
    for number, keys, before, after, labels in _chunk_texts(step, named=named):
        yield Chunk(
            step=stored,
            number=number,
            keys=Cast(Value(keys), ArrayField(UUIDField())),
            before=Cast(Value(before), JSONField()),
            after=Cast(Value(after), JSONField()),
            labels=Cast(Value(labels), ArrayField(TextField())) if named else None,
            digest=digest(number, keys, before, after),
        )


def _chunk_texts(
    step: ChangeRows, *, named: bool
) -> Iterator[tuple[int, str, str, str, str]]:
    """Each chunk's number and contents, streamed from the plan's snapshot."""
    rows = changed_rows(step)
    if named:
        rows = rows.annotate(label=label(step))
    names = ["key", *(["label"] if named else [])]
    for number in range(len(step.fields)):
        names += [f"before_{number}", f"after_{number}"]
    changes, params = rows.values(*names).query.get_compiler(READ).as_sql()
    labels = "array_agg(coalesce(label, key::text) ORDER BY key)::text"
    statement = (  # names and expressions come from our models, values are parameters
        f"SELECT chunk, array_agg(key ORDER BY key)::text,"  # noqa: S608
        f" {_columns_as_json(step, 'before')}, {_columns_as_json(step, 'after')},"
        f" {labels if named else 'NULL'}"
        f" FROM (SELECT *, (row_number() OVER (ORDER BY key) - 1) / {CHUNK_ROWS} AS chunk"
        f" FROM ({changes}) AS changes) AS numbered GROUP BY chunk ORDER BY chunk"
    )
    database = connections[READ]
    with (
        database.wrap_database_errors,
        database.connection.cursor(name="plan") as cursor,  # in the plan's snapshot
    ):
        cursor.itersize = AT_ONCE
        yield from cursor.execute(statement, params)


def _columns_as_json(step: ChangeRows, side: str) -> str:
    """SQL for {column: [values]}, or {column: value} where all rows get the same."""
    parts = []
    for number, field in enumerate(step.fields):
        value = f"{side}_{number}"
        once = side == "after" and step.is_constant(column_of(field))
        whole = (
            f"to_jsonb(min({value}))" if once else f"jsonb_agg({value} ORDER BY key)"
        )
        parts.append(f"'{field.column}', {whole}")
    return f"jsonb_build_object({', '.join(parts)})::text"
