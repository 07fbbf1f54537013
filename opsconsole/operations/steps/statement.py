"""One named SQL statement outside the journal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

from django.db.backends.utils import CursorWrapper
from psycopg.errors import Diagnostic

from opsconsole.operations.models import Chunk, Step
from opsconsole.operations.steps.base import NEVER, NO_TABLE, Result, StepSpec, Texts

LONGEST = 10  # seconds a statement may take: a third of the shortest lease
KEPT_NOTICES, KEPT_ROWS = 20, 20


@dataclass(frozen=True)
class Statement(StepSpec):
    """Such as ANALYZE, or cancelling a backend. It may run twice after a crash.

    It changes no rows that the journal would have to know, and nothing undoes it. What
    the platform says about it is kept; a warning counts as not done, since PostgreSQL
    answers a non-owner's ANALYZE with nothing else.
    """

    sql: str
    seconds: int = field(default=LONGEST, kw_only=True)

    kind: ClassVar[str] = "statement"
    noun: ClassVar[str] = "statement"
    undo: ClassVar[str] = NEVER

    def stored(self) -> dict[str, Any]:
        spec = {
            "sql": self.sql,
            "seconds": min(self.seconds, LONGEST),
            "undo": self.undo,
        }
        return {**NO_TABLE, "spec": spec}

    def size(self, most: int) -> int:
        return 1

    def chunks(self, *, named: bool) -> Iterator[Texts]:
        yield Texts(f"{{{uuid5(NAMESPACE_URL, self.sql)}}}", labels=array([self.title]))

    @classmethod
    def apply(cls, cursor: CursorWrapper, chunk: Chunk) -> Result:
        said: list[str] = []

        def keep(notice: Diagnostic) -> None:
            """At once: it is empty as soon as its statement is forgotten."""
            text = f"{notice.severity_nonlocalized}: {notice.message_primary}"
            said.append(text[:500])

        spec, raw = chunk.step.spec, cursor.connection
        cursor.execute(f"SET LOCAL statement_timeout = {spec['seconds'] * 1000:d}")
        raw.add_notice_handler(keep)
        try:
            cursor.execute(spec["sql"])
            found: Any = cursor.fetchmany(KEPT_ROWS) if cursor.description else []
        finally:
            raw.remove_notice_handler(keep)
        cursor.execute("SELECT pg_current_xact_id()::text")
        [xid] = cursor.fetchone()
        kept = [[str(value)[:500] for value in row] for row in found]
        answer = {"notices": said[:KEPT_NOTICES], "rows": kept}
        warned = next((text for text in said if text.startswith("WARNING")), "")
        return Result(xid, {"0": {"why": warned}} if warned else {}, answer=answer)

    @classmethod
    def holding(cls, chunk: Chunk) -> int:
        return chunk.rows_written

    @classmethod
    def shown(cls, step: Step) -> list[tuple[str, str]]:
        return [("The statement", step.spec["sql"])]


def array(values: list[str]) -> str:
    """A text[] as PostgreSQL reads it."""
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"
