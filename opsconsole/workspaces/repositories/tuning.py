"""Changing one number of one row: a small form that opens the plan of an operation."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsconsole.operations.catalog import OPERATIONS
from opsconsole.platform import contract
from opsconsole.platform.rules import USUAL_INTERVAL
from opsconsole.web.templatetags import web
from opsconsole.workspaces.repositories.rows import Row, name_of

TEMPLATE = (
    '<button class="tune" type="button" popovertarget="{id}" aria-label="{change}">{icon}'
    '</button><form class="popover tuning" id="{id}" popover method="post"'
    ' action="{action}" aria-label="{change}">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{csrf_token}">'
    '<input type="hidden" name="repositories" value="{pk}">'
    "<label>{label}, {least} to {most}"
    '<input type="number" name="{field}" value="{value}" min="{least}" max="{most}"'
    ' required></label><button class="button small primary">Show what would change'
    "</button></form>"
)


@dataclass(frozen=True)
class Tuning:
    """A column that an operation sets, and how the operation's form calls it."""

    operation: str  # slug
    field: str
    missing: str  # shown where the row has no value
    usual: int  # what the form starts with then
    unit: str = ""

    def text(self, value: int | None) -> str:
        return self.missing if value is None else f"{value} {self.unit}".strip()

    def form(self, value: int | None, row: Row, csrf_token: str) -> SafeString:
        """A button, and the form that it opens; sent, it shows a plan and changes nothing.

        Only for an operation that is there and not switched off.
        """
        field: Any = OPERATIONS[self.operation].Form.base_fields[self.field]
        least, most = field.bounds(contract.current())
        return format_html(
            TEMPLATE,
            id=f"{self.field}-{row.pk}",
            change=f"Change the {self.field} of {name_of(row)}",
            icon=web.icon("pencil", 13),
            action=reverse("operations:plan", args=[self.operation]),
            csrf_token=csrf_token,
            pk=row.pk,
            label=field.label,
            field=self.field,
            least=least,
            most=most,
            value=self.usual if value is None else value,
        )


INTERVAL = Tuning(
    "set-interval", "hours", f"{USUAL_INTERVAL} h by default", USUAL_INTERVAL, "h"
)
PRIORITY = Tuning("set-priority", "priority", "not set", usual=50)
