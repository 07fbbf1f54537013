from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from opsconsole.operations.models import Approval, Chunk, Run, Step
from opsconsole.web.admin import ReadOnlyAdmin

# A schedule or a queued task names any function: that would be a way around the audit.
admin.site.unregister([Failure, OrmQ, Schedule, Success])


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs as they are stored."""

    list_display = ("pk", "operation", "subject", "state", "requested_by", "created_at")
    list_filter = ("state", "operation")
    search_fields = ("subject", "reason")
    list_select_related = ("requested_by",)


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """What second people have said."""

    list_display = ("pk", "run", "decision", "requester", "approver", "decided_at")
    list_filter = ("decision",)
    list_select_related = ("run", "requester", "approver")


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    """Steps as they were planned."""

    list_display = ("pk", "run", "number", "title", "table", "rows_planned")
    list_select_related = ("run",)


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin):
    """The journal, without its rows: those are on the run's page."""

    list_display = (
        "pk",
        "step",
        "number",
        "state",
        "rows_written",
        "rows_skipped",
        "lock_ms",
    )
    list_filter = ("state",)
    list_select_related = ("step",)
    exclude = ("keys", "before", "after", "labels")
