"""What services and statements answered: the result of steps that write no rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from opsconsole.operations.models import Chunk, Run

KINDS = ("call", "statement")
SHOWN = 50  # on the run's page, those that did not succeed first
UNSAID = ("sent_at", "notices", "rows")  # of an answer: said in another way


@dataclass(frozen=True)
class Answer:
    """One call or statement, and what came back."""

    step: str
    label: str
    request: str  # as JSON; empty for a statement
    word: str
    why: str  # why it counts as not done
    facts: list[tuple[str, str]]
    notices: list[str]
    rows: list[list[str]]  # of a statement


def of(run: Run) -> tuple[list[Answer], int]:
    """The first of them, and how many there are in all."""
    chunks = Chunk.objects.filter(step__run=run, step__kind__in=KINDS)
    order = (F("rows_skipped").desc(), "step__number", "number")
    shown = chunks.select_related("step").order_by(*order)[:SHOWN]
    return [_answer(chunk) for chunk in shown], chunks.count()


def _answer(chunk: Chunk) -> Answer:
    held = chunk.answer or {}
    why = chunk.exceptions.get("0", {}).get("why", "")
    return Answer(
        step=chunk.step.title,
        label=chunk.labels[0] if chunk.labels else chunk.step.title,
        request=_request(chunk),
        word=_word(chunk, why),
        why=why,
        facts=list(_facts(held)),
        notices=held.get("notices", []),
        rows=held.get("rows", []),
    )


def _word(chunk: Chunk, why: str) -> str:
    if chunk.state == Chunk.State.SENT:
        return "on its way"
    if chunk.state != Chunk.State.APPLIED:
        return "not made"
    if not why:
        return "done"
    return "unknown" if why.startswith("unknown") else "failed"


def _request(chunk: Chunk) -> str:
    request = chunk.value(chunk.after, "request", 0)
    return str(request) if request else ""


def _facts(held: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in held.items():
        if name in UNSAID or value in (None, "", [], {}):
            continue
        if name == "ms":
            yield "took", f"{value} ms"
        else:
            text = value if isinstance(value, str) else json.dumps(value)
            yield name.replace("_", " "), text
