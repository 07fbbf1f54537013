"""Pages of long lists: a count that stays cheap, page numbers that never fail.

A list page makes its table with `configure()`; console.html draws the rest from it: the
tools above the rows (components/list_tools.html: columns, CSV, link, sort on a phone),
heads that sort, pages. What only a hidden column needs is left out by the view, which
asks `column_choice.shown(TableClass, request.GET)` before it makes its query.
"""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from opsconsole.web import addresses, column_choice
from opsconsole.web.tables import Table

CAP = 10_000  # rows counted at most; counting a million takes longer than showing 50
PER_PAGE = 50
SIZES = (25, 50, 100, 200)  # rows per page to choose from


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that counts up to CAP rows and shows no page beyond them."""

    @cached_property
    def count(self) -> int:
        """Rows, CAP at most."""
        return min(self._found, CAP)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than we counted."""
        return self._found > CAP

    def page(self, number: Any) -> "Page[Any]":
        """The page of that number; nonsense gives the first, too far gives the last."""
        return super().page(self._valid(number))

    def get_elided_page_range(self, number: Any = 1, **kwargs: Any) -> Any:
        """The page numbers to show around that page, which may be nonsense."""
        return super().get_elided_page_range(self._valid(number), **kwargs)

    def _valid(self, number: Any) -> int:
        try:
            wanted = int(number)
        except (TypeError, ValueError):
            return 1
        return max(1, min(wanted, self.num_pages))

    @cached_property
    def _found(self) -> int:
        rows = self.object_list
        if hasattr(rows, "data"):  # the rows of a table, around a TableData
            rows = rows.data.data
        if isinstance(rows, QuerySet):
            return rows.order_by()[: CAP + 1].count()
        return len(rows)


def configure(table: Table, request: HttpRequest) -> Table:
    """Sort and page a table as the address says, with the columns it asks for."""
    table.request = request
    table.filtered = _is_filtered(table, request)
    _choose_columns(table, request)
    table.chosen_columns = ",".join(request.GET.getlist(table.columns_field))
    table.chosen_order = request.GET.get(table.prefixed_order_by_field, "")
    if table.chosen_order:
        table.order_by = table.chosen_order
    table.keep_order_stable()
    table.paginate(
        paginator_class=CappedPaginator,
        page=request.GET.get(table.prefixed_page_field, 1),
        per_page=_size(request.GET.get(table.prefixed_per_page_field)),
    )
    return table


def own_fields(table: Table) -> set[str]:
    """The parameters of an address that say how a table shows its rows, not which."""
    return {
        table.prefixed_order_by_field,
        table.prefixed_page_field,
        table.prefixed_per_page_field,
        table.columns_field,
        table.format_field,
    }


def wants_csv(table: Table) -> bool:
    """Whether the address asks for all rows as a file instead of a page of them."""
    request = table.request
    if request is None or request.method != "GET" or not table.csv_fields:
        return False
    return request.GET.get(table.format_field) == "csv"


def _choose_columns(table: Table, request: HttpRequest) -> None:
    kind = type(table)
    table.choosable = column_choice.choosable(kind)
    shown = column_choice.shown(kind, request.GET, table.columns_field)
    for name in table.choosable:
        if name not in shown:
            table.columns.hide(name)


def _is_filtered(table: Table, request: HttpRequest) -> bool:
    return bool(addresses.pairs(request.GET, without=own_fields(table)))


def _size(text: str | None) -> int:
    """One of SIZES: a list of a million rows on one page would be a way to stop us."""
    return next((size for size in SIZES if str(size) == text), PER_PAGE)
