"""A list of tracked repositories as a part of a page that does not fall with it."""

from typing import NamedTuple

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.safestring import SafeString

from opsconsole.audit import exports
from opsconsole.history.circumstances import circumstances
from opsconsole.history.models import Sample
from opsconsole.platform.panel import Panel, ask
from opsconsole.platform.selection import RowSelection
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure, wants_csv
from opsconsole.workspaces import reads
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.repository_tables import HealthTable
from opsconsole.workspaces.rows import RowPages

FAILED_FIRST = "-attempts"


class RowList(NamedTuple):
    """The table as configure() made it, and drawn: nothing is left to ask."""

    table: HealthTable
    html: SafeString
    matching: str  # the selection, for components/selection_bar.html
    file: HttpResponseBase | None = None  # all rows, where the address asks for that


def row_list(
    request: OperatorRequest,
    selection: RowSelection,
    *,
    newest: Sample | None,
    nothing: str,
) -> Panel[RowList]:
    """The rows of the selection, paged and sorted as the address says.

    `newest` is the newest sample; `nothing` says what it means that there is no row.
    """

    def drawn() -> RowList:
        known = circumstances(timezone.now(), newest)
        pages = RowPages(selection.rows(known), known)
        actions = Actions(request)
        table = HealthTable(pages, actions, order_by=FAILED_FIRST, empty_text=nothing)
        return _read(request, configure(table, request), pages, selection.as_text())

    return ask(drawn, *reads.ROWS)


def _read(
    request: OperatorRequest, table: HealthTable, pages: RowPages, matching: str
) -> RowList:
    if wants_csv(table):
        file = exports.csv(request, table, pages.with_words())
        return RowList(table, SafeString(""), matching, file)
    return RowList(table, SafeString(table.as_html(request)), matching)
