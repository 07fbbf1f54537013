"""Every row of a run as CSV: one line for each row and column, made while it is sent."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.db import DatabaseError

from opsconsole.operations.showing.outcomes import Row, RowList
from opsconsole.web.csv import neutral

AT_ONCE = 5_000  # rows in memory
HEADINGS = (
    *("key", "name", "step", "column", "before", "after"),
    *("outcome", "why", "held"),
)
INCOMPLETE = "INCOMPLETE: the console's database stopped answering. Ask for it again."


def pieces(rows: RowList) -> Iterator[bytes]:
    """The file in pieces; it says so itself if it could not be finished."""
    yield _piece([HEADINGS])
    try:
        for start in range(0, len(rows), AT_ONCE):
            chosen = rows[start : start + AT_ONCE]
            yield _piece([line for row in chosen for line in _lines(row)])
    except DatabaseError:
        yield f"{INCOMPLETE}\r\n".encode()
        raise


def _lines(row: Row) -> Iterator[tuple[str, ...]]:
    """A row without columns, as of a call or a deletion, has one line too."""
    who = (str(row.key), row.label, row.step)
    became = (str(row.outcome), row.why)
    if not row.changes:
        yield (*who, "", "", "", *became, "")
    for change in row.changes:
        values = (change.column, change.before or "", change.after or "")
        yield (*who, *values, *became, change.holds or "")


def _piece(lines: list[tuple[str, ...]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerows([neutral(value) for value in line] for line in lines)
    return text.getvalue().encode()
