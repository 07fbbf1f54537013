"""One workspace."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.history import responses
from opsconsole.history.circumstances import circumstances
from opsconsole.platform import contract
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.panel import Panel, ask
from opsconsole.platform.selection import RowSelection
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure, wants_csv
from opsconsole.workspaces import about, events, files, forgotten, listing, reads
from opsconsole.workspaces.actions import WITH_A_WORKSPACE, Actions
from opsconsole.workspaces.filters import RepositoryFilter
from opsconsole.workspaces.repositories.rows import RowPages
from opsconsole.workspaces.repositories.tables import RepositoryTable

FEATURE = "Workspace"
ROWS = "Tracked repositories of a workspace"
contract.register(FEATURE, reads.WORKSPACE)
contract.register(ROWS, reads.ROWS)
looks = permission_required("platform.view_workspace", raise_exception=True)


@looks
@require_safe
def detail(request: OperatorRequest, pk: UUID) -> HttpResponseBase:
    """Everything about one workspace: limits, repositories, what was done to it.

    Each part says for itself what the platform did not answer.
    """
    head = ask(lambda: about.workspace(pk), *reads.WORKSPACE)
    if head.answer is None and not head.problem:
        return render(
            request,
            "workspaces/unknown.html",
            {"pk": pk, "what": "workspace"},
            status=404,
        )
    found, actions = RepositoryFilter(request.GET), Actions(request)
    selection = RowSelection(**found.selection.as_dict() | {"workspace": str(pk)})
    rows = ask(
        lambda: _rows(request, head.answer, found, selection, actions), *reads.ROWS
    )
    line, table = rows.answer or (None, None)
    if table and wants_csv(table):
        return files.csv(request, ROWS, table, table.data.with_words())
    context = {
        "pk": pk,
        "head": head,
        "workspace": head.answer,
        "problem": rows.problem,
        "line": line,
        "table": table,
        "filter": found,
        "actions": actions,
        "matching": selection.as_text() if found.is_valid() else "",
        "reset": actions.of("reset-failed-sync"),
        "menu": actions.menu(WITH_A_WORKSPACE, workspace=pk),
    }
    if head.problem:
        context |= _beside(request, pk)
    return render(request, "workspaces/detail.html", context)


@looks
@require_safe
def history(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """What stands beside the rows: what nothing syncs, runs, responses, audit.

    A piece of the workspace's page for htmx, else a page of its own.
    """
    template = "detail/beside" if request.htmx else "history"
    return render(request, f"workspaces/{template}.html", _beside(request, pk))


def _rows(
    request: OperatorRequest,
    workspace: Any,
    filter: RepositoryFilter,
    selection: RowSelection,
    actions: Actions,
) -> tuple[listing.Line, RepositoryTable]:
    """What is counted of the workspace, and the page of its repositories."""
    known = circumstances(timezone.now())
    every = WorkspaceTrackedRepository.objects.of_workspace(UUID(selection.workspace))
    line = listing.line(workspace, list(listing.grouped(every, known.for_few())))
    pages = RowPages(filter.of(selection.rows(known)), known)
    return line, configure(RepositoryTable(pages, actions), request)


def _beside(request: OperatorRequest, pk: UUID) -> dict[str, Any]:
    """All but the first panel is the console's own."""

    def asked() -> tuple[list[UUID], list[forgotten.Forgotten], str]:
        name = Workspace.objects.filter(pk=pk).values_list("name", flat=True).first()
        return about.keys_of(pk), forgotten.of_workspace(pk), name or ""

    panel: Panel[Any] = ask(asked, *reads.UNSYNCED)
    keys, missing, name = panel.answer or ([], [], "")
    runs = about.runs_about(keys, of_workspace=pk)
    return {
        "pk": pk,
        "gap": panel,
        "missing": missing,
        "runs": events.of_runs(runs),
        "entries": events.of_entries(about.entries_of(runs)),
        "responses": responses.of_workspace(pk, name),
    }
