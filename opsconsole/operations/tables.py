"""Lists of runs."""

import django_tables2 as tables

from opsconsole.operations.models import Run
from opsconsole.web.tables import (
    LinkColumn,
    NumberColumn,
    PillColumn,
    Table,
    TimeColumn,
)


class RunTable(Table):
    """Runs, the newest first."""

    label = "Runs"
    empty_filtered_text = "No run matches. Change or clear the filters."

    pk = tables.Column(verbose_name="Run")
    title = LinkColumn(
        verbose_name="Operation",
        linkify=("operations:run", [tables.A("pk")]),
        below="subject",
    )
    state = PillColumn()
    rows_planned = NumberColumn(verbose_name="Planned", unit="rows")
    rows_written = NumberColumn(verbose_name="Written", unit="rows")
    rows_skipped = NumberColumn(verbose_name="Skipped", unit="rows")
    requested_by = tables.Column(verbose_name="By", accessor="requested_by__username")
    created_at = TimeColumn(verbose_name="Planned at")

    class Meta:
        model = Run
        fields = ("pk", "title", "state", "rows_planned", "rows_written")
        sequence = (*fields, "rows_skipped", "requested_by", "created_at")
        order_by = "-pk"
        empty_text = "No operation has been planned yet."
