"""What only the pages of operations need."""

from django import template
from django.contrib.auth.context_processors import PermWrapper
from django.utils.text import Truncator

from opsconsole.operations.catalog import Operation
from opsconsole.operations.verdicts import Level

register = template.Library()

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
    """A platform value as a page shows it: untrusted and possibly long."""
    return value if value is None else Truncator(value).chars(200)
