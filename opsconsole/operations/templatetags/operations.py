"""What only the pages of operations need."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.contrib.auth.context_processors import PermWrapper
from django.utils.text import Truncator

from opsconsole.audit import tables
from opsconsole.operations import verdicts
from opsconsole.operations.asking import arguments
from opsconsole.operations.catalog import Operation
from opsconsole.operations.models import EffectCheck, Run
from opsconsole.operations.showing import undoing as undoings
from opsconsole.operations.showing import wording
from opsconsole.operations.showing.progress import StepProgress
from opsconsole.operations.steps.columns import WHOLE_ROW
from opsconsole.operations.verdicts import Level
from opsconsole.operations.verdicts import changed_since as when_changed
from opsconsole.web import formats

register = template.Library()
# A timestamptz as PostgreSQL prints it in UTC.
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)?\+00")

# A verdict's weight as a level of the common look.
LOOKS = {
    Level.OK: "ok",
    Level.NOTE: "info",
    Level.WARNING: "warning",
    Level.BLOCKING: "critical",
}

Effect = EffectCheck.Effect
EFFECTS = {
    Effect.EFFECTIVE: "ok",
    Effect.PARTLY: "warning",
    Effect.NONE: "warning",
    Effect.HARMFUL: "critical",
}
DOES = {
    "change rows": "Changes columns of",
    "insert rows": "Adds rows to",
    "delete rows": "Deletes rows of",
    "move rows": "Moves rows out of",
    "statement": "Sends a statement to the platform, outside of the journal.",
    "call": "Calls a service outside, once for each target.",
}  # kind of step -> what it does; the table follows where there is one


@register.filter
def may_run(perms: PermWrapper, operation: type[Operation]) -> bool:
    """Whether the person's role may start the operation."""
    return operation.permission() in perms


@register.filter
def look(weight: str) -> str:
    """The level of the common look for a verdict's weight."""
    return LOOKS.get(Level(weight), "neutral")


@register.filter
def text_value(value: str | None) -> str | None:
    """A platform value as a page shows it: untrusted, possibly long, times to the second."""
    if value is None:
        return None
    if moment := MOMENT.fullmatch(value):
        return f"{moment[1]} UTC"
    return Truncator(value).chars(160)


@register.filter
def told(sentence: str) -> str:
    """A sentence that was made for terminals too, its numbers grouped as on all pages."""
    return wording.grouped(sentence)


@register.filter
def does(step: dict[str, Any]) -> str:
    """What a planned step does, as a sentence."""
    sentence, table = DOES.get(step.get("kind", ""), ""), step.get("table")
    return f"{sentence} {table}." if sentence and table else sentence


@register.filter
def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 row`, `2 525 rows`."""
    return f"{formats.number(number)} {nouns(noun, number)}"


@register.filter
def nouns(noun: str, number: int = 2) -> str:
    """The noun that goes with that number: `row`, `calls`."""
    return verdicts.nouns(noun, number)


@register.filter
def column_name(name: str) -> str:
    """A column as it is called; a journal of whole rows calls them all by a star."""
    return "whole row" if name == WHOLE_ROW else name


@register.filter
def effect_level(effect: str) -> str:
    """The level of the common look for the effect of a run."""
    return EFFECTS.get(Effect(effect), "neutral") if effect else "neutral"


@register.filter
def pieces_noun(steps: Iterable[StepProgress], number: int = 2) -> str:
    """What a run counts, as it goes with that number: rows, calls, or both."""
    kinds = dict.fromkeys(step.noun for step in steps) or ("row",)
    return " and ".join(nouns(kind, number if len(kinds) == 1 else 2) for kind in kinds)


@register.filter
def changed_since(run: Run) -> str:
    """When the rows changed that the run skips."""
    return when_changed(run)


@register.filter
def undoing(run: Run) -> str:
    """What an undo does to the run that it names."""
    return undoings.verb(run)


@register.filter
def in_words(action: str) -> str:
    """An audit entry's action as the audit's own page says it."""
    return tables.in_words(action)


@register.filter
def rows_unit(rows: int) -> str:
    """The noun that goes with a number of rows."""
    return nouns("row", rows)


@register.filter
def unchanged_note(rows: int) -> str:
    """What is said of selected rows that would not change."""
    return f"{formats.number(rows)} more hold the new values already" if rows else ""


@register.filter
def workspaces_note(count: int) -> str:
    """In how many workspaces."""
    return f"in {counted(count, 'workspace')}"


@register.filter
def parameters(run: Run) -> str:
    """The run's parameters in a few words."""
    return arguments.brief(run)
