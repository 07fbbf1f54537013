"""Lists as files. Who took which rows away is recorded before the first is sent.

A list page offers its file by naming fields in its table, and answers with it:

    class RunTable(Table):
        csv_fields = {"id": "pk", "title": "title", "created_at": "created_at"}

    table = configure(RunTable(found.qs), request)
    if wants_csv(table):
        return exports.csv(request, table, found.qs)

The view's own permission guards the file as it guards the page.
"""

from collections.abc import Iterator

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from opsconsole.audit import log
from opsconsole.platform.db.copying import Rows, csv_rows
from opsconsole.web import addresses, paging
from opsconsole.web.http import OperatorRequest
from opsconsole.web.tables import Table

ACTION = "web.list.exported"


def csv(request: OperatorRequest, table: Table, rows: Rows) -> HttpResponseBase:
    """All rows as a CSV file with the columns that the reader has chosen.

    `rows` are those of all pages, in order. Raises DatabaseError while there is no row
    to send yet; later the file's last line says that it is incomplete.
    """
    columns = headings(table)
    pieces = csv_rows(rows, columns)
    first = next(pieces, b"")
    log.record(
        action=ACTION,
        subject=table.label,
        actor=request.user,
        details={
            "filters": dict(addresses.pairs(request.GET, paging.own_fields(table))),
            "columns": list(columns),
        },
    )
    response = StreamingHttpResponse(
        _whole(first, pieces), content_type="text/csv; charset=utf-8"
    )
    name = f"{slugify(table.label)}-{timezone.now():%Y-%m-%d-%H%M%S}Z.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def headings(table: Table) -> dict[str, str]:
    """Heading -> field of the columns that show, and of fields without a column."""
    columns = {column.name: column for column in table.columns.iterall()}
    return {
        str(columns[name].header) if name in columns else name: field
        for name, field in table.csv_fields.items()
        if name not in columns or columns[name].visible
    }


def _whole(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """One generator, so that a reader who leaves closes the one inside as well."""
    yield first
    yield from pieces
