"""The rows of a run, read from its chunks: what was planned and what became of each."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, overload
from uuid import UUID

from django.db import DatabaseError
from django.db.models import F, Func, IntegerField

from opsconsole.operations.models import Chunk, Run
from opsconsole.platform.models import MODELS


class Outcome(StrEnum):
    """What became of a row."""

    PLANNED = "planned"
    WRITTEN = "written"
    FOUND = "found"  # held the after-value already; not ours, never undone
    SKIPPED = "skipped"


COUNTS = {
    Outcome.WRITTEN: F("rows_written"),
    Outcome.FOUND: F("rows_found"),
    Outcome.SKIPPED: F("rows_skipped"),
}


@dataclass(frozen=True)
class Change:
    """One column of one row."""

    column: str
    before: str | None
    after: str | None
    holds: str | None = None  # what a skipped row held when it was its turn


@dataclass(frozen=True)
class Row:
    """One planned row."""

    key: UUID
    label: str
    table: str
    step: str
    outcome: Outcome
    why: str  # why it was not written, else empty
    changes: list[Change]


class RowList(Sequence[Row]):
    """The rows of a run, or those of one outcome, as a sequence that pages cheaply.

    Only the chunks that a slice touches are read, so page 2,000 costs what page 1 costs.
    """

    def __init__(self, run: Run, outcome: Outcome | None = None) -> None:
        self.run, self.outcome = run, outcome
        cardinality = Func(
            F("keys"), function="cardinality", output_field=IntegerField()
        )
        count = COUNTS.get(outcome, cardinality) if outcome else cardinality
        chunks = Chunk.objects.filter(step__run=run).annotate(length=count)
        if outcome == Outcome.PLANNED:
            chunks = chunks.exclude(state=Chunk.State.APPLIED)
        elif outcome:
            chunks = chunks.filter(state=Chunk.State.APPLIED)
        order = chunks.order_by("step__number", "number")
        self.lengths = list(order.values_list("pk", "length"))

    def __len__(self) -> int:
        return sum(length for _, length in self.lengths)

    @overload
    def __getitem__(self, wanted: int) -> Row: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[Row]: ...

    def __getitem__(self, wanted: int | slice) -> Row | list[Row]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        start, stop, _ = wanted.indices(len(self))
        found: list[Row] = []
        passed = 0
        for pk, length in self.lengths:
            if length and passed < stop and passed + length > start:
                rows = list(self._of(pk))
                found += rows[max(start - passed, 0) : stop - passed]
            passed += length
        return _named(found)

    def _of(self, pk: int) -> Iterator[Row]:
        chunk = Chunk.objects.select_related("step").get(pk=pk)
        for position in range(len(chunk.keys)):
            row = _row(chunk, position)
            if self.outcome in (None, row.outcome):
                yield row


def _row(chunk: Chunk, position: int) -> Row:
    exception = chunk.exceptions.get(str(position), {})
    holds = exception.get("holds") or {}
    why = exception.get("why", "")
    key = chunk.keys[position]
    return Row(
        key=key,
        label=chunk.labels[position] if chunk.labels else "",
        table=chunk.step.table,
        step=chunk.step.title,
        outcome=_outcome(chunk, why),
        why=why,
        changes=[
            Change(
                column,
                chunk.value(chunk.before, column, position),
                chunk.value(chunk.after, column, position),
                holds.get(column),
            )
            for column in sorted(chunk.step.columns)
        ],
    )


def _outcome(chunk: Chunk, why: str) -> Outcome:
    if chunk.state != Chunk.State.APPLIED:
        return Outcome.PLANNED
    if why == Outcome.FOUND:
        return Outcome.FOUND
    return Outcome.SKIPPED if why else Outcome.WRITTEN


def _named(rows: list[Row]) -> list[Row]:
    """Large plans keep no names: look those of one page up on the platform.

    While that does not answer, a row is called by its key.
    """
    names: dict[UUID, str] = {}
    for table in {row.table for row in rows if not row.label}:
        keys = [row.key for row in rows if row.table == table]
        with suppress(DatabaseError):
            names |= _names(table, keys)
    return [
        row if row.label else replace(row, label=names.get(row.key, str(row.key)))
        for row in rows
    ]


def _names(table: str, keys: list[UUID]) -> dict[UUID, str]:
    rows: Any = MODELS[table]._default_manager.all() if table in MODELS else None
    if not hasattr(rows, "described"):
        return {}
    described = rows.filter(pk__in=keys).described()
    return dict(described.values_list("pk", "row_label"))
