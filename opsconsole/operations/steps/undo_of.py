"""A step that takes back what another one did, row by row where nobody changed it since."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Sum, TextField
from django.db.models.functions import Cast

from opsconsole.operations.calling import CALLERS
from opsconsole.operations.models import Chunk, Step
from opsconsole.operations.steps import undo_summary
from opsconsole.operations.steps.base import StepSpec, Texts
from opsconsole.operations.steps.statement import array


@dataclass(frozen=True)
class UndoOf(StepSpec):
    """The opposite of a stored step, for the rows that it wrote and nobody else.

    The chunks of the plan are those of the step with before and after exchanged.
    """

    step: Step
    fields: dict[str, Any]  # of the opposite step, as the kind says them

    @property
    def kind(self) -> str:  # type: ignore[override]
        return str(self.fields["kind"])

    @property
    def noun(self) -> str:  # type: ignore[override]
        return "call" if self.kind == "call" else "row"

    def stored(self) -> dict[str, Any]:
        spec = {"undo": "exact", "undo_note": "", **self.fields["spec"]}
        return {"selection_sql": "", **self.fields, "spec": spec}

    def size(self, most: int) -> int:
        written = self._applied().aggregate(n=Sum("rows_written"))["n"] or 0
        return min(written, most)

    def chunks(self, *, named: bool) -> Iterator[Texts]:
        applied = self._applied().as_text().annotate(names=Cast("labels", TextField()))
        for chunk in applied.order_by("number").iterator(20):
            texts = self._whole(chunk) if not chunk.exceptions else self._part(chunk)
            if self.kind != "call":
                yield texts
            elif call := self._opposite_call(texts):
                yield call

    def summary(self, stored: Step) -> dict[str, Any]:
        return undo_summary.summarise(stored)

    def _applied(self) -> Any:
        return self.step.chunks.filter(state=Chunk.State.APPLIED, rows_written__gt=0)

    def _whole(self, chunk: Chunk) -> Texts:
        before, after = chunk.texts["after"], chunk.texts["before"]
        if "source" in self.step.spec:
            after = "{}"  # what an inserted row was made from is not a value of it
        return Texts(chunk.texts["keys"], before, after, getattr(chunk, "names"))  # noqa: B009

    def _part(self, chunk: Chunk) -> Texts:
        """Without the rows that we did not write."""
        kept = [n for n in range(chunk.row_count) if str(n) not in chunk.exceptions]
        keys = [str(chunk.keys[n]) for n in kept]
        labels = array([chunk.labels[n] for n in kept]) if chunk.labels else None
        before, after = (_only(side, kept) for side in (chunk.after, chunk.before))
        return Texts("{" + ",".join(keys) + "}", before, after, labels)

    def _opposite_call(self, texts: Texts) -> Texts | None:
        request = json.loads(json.loads(texts.before)["request"])
        opposite = CALLERS[self.step.spec["caller"]].opposite(request)
        if opposite is None:
            return None
        after = json.dumps({"request": json.dumps(opposite, sort_keys=True)})
        return Texts(texts.keys, "{}", after, texts.labels)


def _only(side: dict[str, Any], kept: list[int]) -> str:
    """Some positions of before or after, printed as PostgreSQL prints jsonb."""
    values = {
        name: [held[n] for n in kept] if isinstance(held, list) else held
        for name, held in side.items()
        if name != "source"
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(values)])
        return str(cursor.fetchone()[0])
