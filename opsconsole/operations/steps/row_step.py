"""What the steps on rows share: chunks of keys and values, written where they still fit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import RawSQL

from opsconsole.operations.models import Chunk, Step
from opsconsole.operations.steps import columns, statements
from opsconsole.operations.steps.base import EACH, PASSING, Result, StepSpec, Texts
from opsconsole.operations.steps.chunking import stream
from opsconsole.operations.steps.summary import samples, tiers
from opsconsole.platform.db import READ, rows


@dataclass(frozen=True)
class RowStep(StepSpec):
    """A step whose chunks are rows of one table of the platform."""

    rows: QuerySet[Any]
    # the same rows, phrased for looking up a few
    again: QuerySet[Any] | None = field(default=None, kw_only=True)

    QUICK: ClassVar[str] = ""  # leaves out what somebody else changes at this moment
    LOCK: ClassVar[str] = statements.LOCK
    WRITE: ClassVar[str]
    EXCEPTIONS: ClassVar[str]
    HOLDING: ClassVar[str] = """WITH planned AS MATERIALIZED ({planned})
SELECT count(*) FROM planned JOIN {table} AS t ON t.{key} = planned.key
WHERE planned.key = ANY(%(written)s::uuid[]) AND {holds_after}"""

    @property
    def model(self) -> type[Model]:
        """The table whose rows are written."""
        return self.rows.model

    def changed(self) -> QuerySet[Any]:
        """The rows that would change, each with `key`, `before_0`, `after_0`, …"""
        raise NotImplementedError

    def columns(self) -> dict[str, str]:
        """Written column -> its type as the platform prints it."""
        return {}

    def once(self) -> dict[str, list[str]]:
        """Side -> columns of which all rows hold one value, which is stored once."""
        return EACH

    def order(self) -> str:
        """By what the chunks follow each other: SQL over the columns of `changed()`."""
        return "key"

    def spec(self) -> dict[str, Any]:
        said = {"undo_note": self.undo_note, "expected": self.expected}
        undo = PASSING if self.passing else self.undo
        return {"once": self.once(), "undo": undo, **said}

    def stored(self) -> dict[str, Any]:
        rows = self.rows if self.again is None else self.again
        return {
            "table": self.model._meta.db_table,
            "key": str(self.model._meta.pk.column),
            "columns": self.columns(),
            "selection_sql": columns.selection(rows),
            "spec": self.spec(),
        }

    def size(self, most: int) -> int:
        return self.changed().order_by()[:most].count()

    def chunks(self, *, named: bool) -> Iterator[Texts]:
        return stream(
            self.changed(), list(self.columns()), self.once(), self.order(), named=named
        )

    def summary(self, stored: Step) -> dict[str, Any]:
        changed = self.changed()
        if not hasattr(changed, "described"):
            return {"samples": samples(changed, list(self.columns()))}
        found = tiers(changed.placed())  # type: ignore[attr-defined]
        return {
            "tiers": found,
            "workspaces": sum(tier["workspaces"] for tier in found),
            "samples": samples(changed.described(), list(self.columns())),
        }

    def explain(self) -> str:
        return self.changed().order_by().explain()

    @classmethod
    def apply(cls, cursor: CursorWrapper, chunk: Chunk) -> Result:
        step, params = chunk.step, chunk.texts
        written, keys, xid = 0, "{}", ""
        if cls.QUICK:
            cursor.execute(statements.compose(step, cls.QUICK), params)
            written, keys, xid = cursor.fetchone()
        if written < chunk.row_count:
            if cls.LOCK:
                cursor.execute(statements.compose(step, cls.LOCK), params)
            cursor.execute(statements.compose(step, cls.WRITE), params)
            more, others, xid, *_ = cursor.fetchone()
            written, keys = written + more, _joined(keys, others)
        exceptions = {}
        if written < chunk.row_count:
            sql = statements.compose(step, cls.EXCEPTIONS)
            cursor.execute(sql, {**params, "written": keys})
            for row in rows(cursor):
                holds = json.loads(row["holds"])  # Django leaves jsonb as text
                exceptions[str(row["position"])] = {"why": row["why"], "holds": holds}
        return Result(xid, exceptions)

    @classmethod
    def holding(cls, chunk: Chunk) -> int:
        sql = statements.compose(chunk.step, cls.HOLDING)
        with connections[READ].cursor() as cursor:
            cursor.execute(sql, {**chunk.texts, "written": chunk.written_text})
            return int(cursor.fetchone()[0])

    @classmethod
    def shown(cls, step: Step) -> list[tuple[str, str]]:
        return statements.shown(step, lock=cls.LOCK, write=cls.WRITE)


def place(model: type[Model]) -> RawSQL:
    """Where a row lies: page and line."""
    return RawSQL(f'"{model._meta.db_table}".ctid', ())  # noqa: S611  our own model's name


def in_place(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows with `key` and `place`: to be deleted in that order."""
    placed: QuerySet[Any] = (
        rows.using(READ).order_by().annotate(key=F("pk"), place=place(rows.model))
    )
    return placed


def _joined(*arrays: str) -> str:
    """Arrays of keys as one, as PostgreSQL prints them."""
    return "{" + ",".join(filter(None, (one.strip("{}") for one in arrays))) + "}"
