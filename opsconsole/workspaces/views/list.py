"""The list of workspaces."""

from django.contrib.auth.decorators import permission_required
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.history.circumstances import circumstances
from opsconsole.platform import contract
from opsconsole.platform.panel import ask
from opsconsole.web.http import OperatorRequest
from opsconsole.web.paging import configure, wants_csv
from opsconsole.workspaces import files, reads, workspace_csv
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.filters import WorkspaceFilter
from opsconsole.workspaces.listing import WorkspacePages
from opsconsole.workspaces.tables import WorkspaceTable

FEATURE = "Workspaces"
contract.register(FEATURE, reads.WORKSPACES)


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def workspace_list(request: OperatorRequest) -> HttpResponseBase:
    """One row per workspace: how much of its limit it uses and how its sync goes.

    With the platform slow or down the filters stay, and a sentence says what is missing.
    """
    found, actions = WorkspaceFilter(request.GET), Actions(request)

    def pages() -> WorkspacePages:
        known = circumstances(timezone.now())
        return WorkspacePages(found.of(found.selection.workspaces(known)), known)

    panel = ask(
        lambda: configure(WorkspaceTable(pages(), actions), request), *reads.WORKSPACES
    )
    table = panel.answer or WorkspaceTable(None, actions)
    if wants_csv(table):
        return files.csv(request, FEATURE, table, workspace_csv.statement(table.data))
    context = {
        "table": table,
        "problem": panel.problem,
        "filter": found,
        "actions": actions.bulk,
        "matching": found.matching,
    }
    return render(request, "workspaces/list.html", context)
