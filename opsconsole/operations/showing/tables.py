"""Lists of runs."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsconsole.operations.asking import arguments
from opsconsole.operations.models import Run
from opsconsole.operations.showing import undoing
from opsconsole.operations.showing.columns import RowsColumn, RunColumn
from opsconsole.web.tables import (
    PillColumn,
    ShortTextColumn,
    Table,
    TimeColumn,
)


class ParametersColumn(ShortTextColumn):
    """The parameters by the names of their fields; the subject has them in words."""

    empty_values = ()

    def render(self, value: object, record: Run) -> SafeString | str:  # type: ignore[override]
        return super().render(arguments.brief(record))


class StateColumn(PillColumn):
    """The run's state, and which run it undoes."""

    def render(self, value: object, record: Run) -> SafeString:  # type: ignore[override]
        pill = super().render(value)
        if record.undo_of_id is None:
            return pill
        return format_html(
            '{}<span class="below">{} run {}</span>',
            pill,
            undoing.verb(record),
            record.undo_of_id,
        )


class RunTable(Table):
    """Runs, the newest first."""

    label = "Runs"
    empty_filtered_text = "No run matches. Change or clear the filters."
    hidden_columns = (
        "params",
        "risk",
        "rows_planned",
        "rows_skipped",
        "reason",
        "finished_at",
    )
    csv_fields = {
        "pk": "pk",
        "title": "title",
        "subject": "subject",
        "state": "state",
        "risk": "risk",
        "rows_planned": "rows_planned",
        "rows_written": "rows_written",
        "rows_skipped": "rows_skipped",
        "requested_by": "requested_by__username",
        "reason": "reason",
        "created_at": "created_at",
        "finished_at": "finished_at",
        "undoes": "undo_of_id",
    }

    pk = tables.Column(verbose_name="Run")
    title = RunColumn(
        verbose_name="Operation",
        linkify=("operations:run", [tables.A("pk")]),
        below="subject",
    )
    params = ParametersColumn(
        verbose_name="Parameters", length=120, orderable=False, default=""
    )
    state = StateColumn()
    risk = PillColumn()
    rows_planned = RowsColumn(verbose_name="Planned")
    rows_written = RowsColumn(verbose_name="Written")
    rows_skipped = RowsColumn(verbose_name="Skipped")
    requested_by = tables.Column(verbose_name="By", accessor="requested_by__username")
    reason = ShortTextColumn(verbose_name="Reason", length=120, default="")
    created_at = TimeColumn(verbose_name="Planned at")
    finished_at = TimeColumn(verbose_name="Ended", missing="not yet")

    class Meta:
        model = Run
        fields = ("pk", "title", "params", "state", "risk", "rows_planned")
        sequence = (
            *fields,
            "rows_written",
            "rows_skipped",
            "requested_by",
            "reason",
            "created_at",
            "finished_at",
        )
        order_by = "-pk"
        empty_text = "No operation has been planned yet."
