"""What the run's page asks about deciding."""

from typing import Any

from django import template

from opsconsole.operations.decisions.card import Card
from opsconsole.operations.models import Run

register = template.Library()


@register.simple_tag(takes_context=True)
def decisions_about(context: dict[str, Any], run: Run) -> Card:
    """What the reader can decide about the run."""
    return Card(run, context["user"], context.get("answered"))
