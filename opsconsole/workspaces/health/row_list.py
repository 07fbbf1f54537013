"""A list of tracked repositories as a part of a page that does not fall with it."""

from typing import NamedTuple

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.safestring import SafeString

from opsconsole.history.circumstances import circumstances
from opsconsole.history.models import Sample
from opsconsole.platform import contract
from opsconsole.platform.panel import Panel, ask
from opsconsole.platform.selection import RowSelection
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure, wants_csv
from opsconsole.workspaces import files, reads
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.filters import RowFilter
from opsconsole.workspaces.repositories.rows import RowPages
from opsconsole.workspaces.repositories.tables import HealthTable

FAILED_FIRST = "-attempts"
FEATURE = "Lists of the sync health"
contract.register(FEATURE, reads.ROWS)


class RowList(NamedTuple):
    """The table as configure() made it, and drawn: nothing is left to ask."""

    table: HealthTable
    pages: RowPages
    html: SafeString  # empty where the address asks for a file
    matching: str  # the selection, for components/selection_bar.html


def row_list(
    request: OperatorRequest,
    selection: RowSelection,
    actions: Actions,
    *,
    newest: Sample | None,
    nothing: str,
    filter: RowFilter | None = None,
) -> Panel[RowList]:
    """The rows of the selection, paged and sorted as the address says.

    `newest` is the newest sample; `nothing` says what it means that there is no row. With
    a filter that holds a wrong value there is none.
    """

    def drawn() -> RowList:
        known = circumstances(timezone.now(), newest)
        rows = selection.rows(known)
        pages = RowPages(filter.of(rows) if filter else rows, known)
        table = HealthTable(pages, actions, order_by=FAILED_FIRST, empty_text=nothing)
        configure(table, request)
        html = "" if wants_csv(table) else table.as_html(request)
        matching = filter.matching if filter else selection.as_text()
        return RowList(table, pages, SafeString(html), matching)

    return ask(drawn, *reads.ROWS)


def file_of(
    request: OperatorRequest, listed: Panel[RowList]
) -> HttpResponseBase | None:
    """All rows of the list, where the address asks for a file."""
    found = listed.answer
    if found is None or not wants_csv(found.table):
        return None
    return files.csv(request, FEATURE, found.table, found.pages.with_words())
