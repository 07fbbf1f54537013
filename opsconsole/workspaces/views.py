"""Workspaces, one workspace, and the health of all syncs."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.operations.catalog import OPERATIONS
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.needs import needs
from opsconsole.web import formats
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure
from opsconsole.workspaces import about, events, reads
from opsconsole.workspaces.columns import RESET
from opsconsole.workspaces.conditions import how_many
from opsconsole.workspaces.figures import figures
from opsconsole.workspaces.filters import (
    HealthFilter,
    RepositoryFilter,
    WorkspaceFilter,
)
from opsconsole.workspaces.gaps import gaps
from opsconsole.workspaces.listing import WorkspacePages, rows_of
from opsconsole.workspaces.repository_tables import HealthTable, RepositoryTable
from opsconsole.workspaces.tables import WorkspaceTable


def may_reset(request: OperatorRequest) -> bool:
    return request.user.has_perm(OPERATIONS[RESET].permission())


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
@needs(*reads.WORKSPACES, feature="Workspaces")
def workspace_list(request: OperatorRequest) -> HttpResponse:
    """One row per workspace: how much of its limit it uses and how its sync goes."""
    found = WorkspaceFilter(request.GET, Workspace.objects.all())
    table = configure(WorkspaceTable(WorkspacePages(found.qs)), request)
    context = {"table": table, "filter": found}
    return render(request, "workspaces/list.html", context)


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
@needs(*reads.WORKSPACE, feature="Workspace")
def detail(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """Everything about one workspace: limits, repositories, what was done to it."""
    workspace = Workspace.objects.select_related("owner").filter(pk=pk).first()
    if workspace is None:
        return render(request, "workspaces/unknown.html", {"pk": pk}, status=404)
    now, resets = timezone.now(), may_reset(request)
    rows = WorkspaceTrackedRepository.objects.of_workspace(pk)
    found = RepositoryFilter(request.GET, rows, now=now)
    table = configure(RepositoryTable(found.qs, now=now, resets=resets), request)
    runs = about.runs_about(pk)
    context = {
        "workspace": workspace,
        "counts": rows_of([pk])[0],
        "members": about.members(pk),
        "filter": found,
        "table": table,
        "resets": resets,
        "runs": events.of_runs(runs),
        "entries": events.of_entries(about.entries_of(runs)),
    }
    return render(request, "workspaces/detail.html", context)


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
@needs(*reads.ROWS, feature="Sync health")
def sync_health(request: OperatorRequest) -> HttpResponse:
    """How many repositories are in which condition, and which; the failed ones first.

    Runbook: "Morning Health Check". Its filter on is_active hides rows that do sync.
    """
    now, resets = timezone.now(), may_reset(request)
    rows = WorkspaceTrackedRepository.objects.all()
    found = HealthFilter(request.GET, rows, now=now)
    table = configure(HealthTable(found.qs, now=now, resets=resets), request)
    counts = how_many(now)
    context = {
        "as_of": f"As of {formats.local(now)}.",
        "failed": counts["failed"],
        "figures": figures(counts),
        "filter": found,
        "table": table,
        "resets": resets,
    }
    return render(request, "workspaces/sync_health.html", context)


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
@needs(*reads.UNSYNCED, feature="Repositories that nothing syncs")
def unsynced(request: OperatorRequest) -> HttpResponse:
    """A line for the health page: what is in workspaces and has no row to sync it."""
    template = "unsynced_note" if request.htmx else "unsynced"
    return render(request, f"workspaces/{template}.html", {"gaps": gaps()})
