"""What only the pages of operations need."""

import re

from django import template
from django.contrib.auth.context_processors import PermWrapper
from django.utils.text import Truncator

from opsconsole.operations.catalog import Operation
from opsconsole.operations.verdicts import Level

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
def rows_unit(rows: int) -> str:
    """The noun that goes with a number of rows."""
    return "row" if rows == 1 else "rows"


@register.filter
def unchanged_note(rows: int) -> str:
    """What is said of selected rows that would not change."""
    return f"{rows:,} more hold the new values already" if rows else ""


@register.filter
def workspaces_note(count: int) -> str:
    """In how many workspaces."""
    return f"in {count:,} workspace{'' if count == 1 else 's'}"
