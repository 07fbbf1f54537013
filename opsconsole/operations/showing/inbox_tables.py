"""The lists of the approvals page."""

from typing import Any, ClassVar

import django_tables2 as tables
from django.utils import timezone
from django.utils.safestring import SafeString

from opsconsole.operations.models import Approval, Run
from opsconsole.operations.showing.columns import DecideColumn, RowsColumn, RunColumn
from opsconsole.web import formats
from opsconsole.web.tables import (
    PillColumn,
    ShortTextColumn,
    Table,
    TimeColumn,
)
from opsconsole.web.templatetags import web


class OpenTable(Table):
    """Runs that wait for a second person."""

    label = "Runs that wait for a decision"

    title = RunColumn(
        verbose_name="Operation",
        linkify=("operations:run", [tables.A("pk")]),
        below="subject",
    )
    rows_planned = RowsColumn(verbose_name="Plan")
    requested_by = tables.Column(verbose_name="By", accessor="requested_by__username")
    reason = ShortTextColumn()
    asked_at = TimeColumn(verbose_name="Asked")
    expires_at = TimeColumn(verbose_name="Expires")
    decide = DecideColumn("Open", "#decide")

    class Meta:
        model = Run
        fields: ClassVar = ("title", "rows_planned", "requested_by", "reason")
        sequence = (*fields, "asked_at", "expires_at", "decide")
        orderable = False

    def render_expires_at(self, value: Any, record: Run) -> SafeString | str:
        """A run that has begun waits for its next approval without an end."""
        return "does not expire" if record.started_at else web.ago(value)


class DecideTable(OpenTable):
    """Those that the reader may decide about."""

    decide = DecideColumn("Decide", "#decide")

    class Meta(OpenTable.Meta):
        pass


class ReviewTable(Table):
    """Emergencies that wait for their review."""

    label = "Emergencies to review"

    title = RunColumn(
        verbose_name="Operation",
        linkify=("operations:run", [tables.A("pk")]),
        below="subject",
    )
    state = PillColumn()
    requested_by = tables.Column(verbose_name="By", accessor="requested_by__username")
    reason = ShortTextColumn()
    queued_at = TimeColumn(verbose_name="Begun")
    review_until = TimeColumn(verbose_name="Review until")
    decide = DecideColumn("Open", "#review")

    class Meta:
        model = Run
        fields: ClassVar = ("title", "state", "requested_by", "reason", "queued_at")
        sequence = (*fields, "review_until", "decide")
        orderable = False

    def render_review_until(self, value: Any) -> SafeString | str:
        if value < timezone.now():
            return web.pill(
                "overdue", "critical", f"overdue since {formats.local(value)}"
            )
        return web.ago(value)


class MyReviewTable(ReviewTable):
    """Those that the reader may review."""

    decide = DecideColumn("Review", "#review")

    class Meta(ReviewTable.Meta):
        pass


class DecidedTable(Table):
    """What second people have said."""

    label = "Decisions"

    run = RunColumn(
        verbose_name="Operation",
        accessor="run__title",
        linkify=("operations:run", [tables.A("run_id")]),
        below="run__subject",
    )
    decision = PillColumn()
    approver = tables.Column(verbose_name="By", accessor="approver__username")
    requester = tables.Column(verbose_name="For", accessor="requester__username")
    reason = ShortTextColumn(default="")
    decided_at = TimeColumn(verbose_name="When")

    class Meta:
        model = Approval
        fields: ClassVar = ("run", "decision", "approver", "requester", "reason")
        sequence = (*fields, "decided_at")
        orderable = False
