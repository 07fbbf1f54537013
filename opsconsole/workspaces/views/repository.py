"""One tracked repository."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from opsconsole.history import outcomes, responses
from opsconsole.history.circumstances import circumstances
from opsconsole.platform import contract
from opsconsole.platform.panel import ask
from opsconsole.web.http import OperatorRequest
from opsconsole.workspaces import about, events, reads
from opsconsole.workspaces.actions import WITH_A_REPOSITORY, Actions
from opsconsole.workspaces.repositories import one as one_repository
from opsconsole.workspaces.repositories.explained import explained
from opsconsole.workspaces.repositories.one import Repository
from opsconsole.workspaces.repositories.strip import Strip

FEATURE = "Repository"
contract.register(FEATURE, reads.REPOSITORY)


@permission_required("platform.view_workspace", raise_exception=True)
@require_safe
def repository(request: OperatorRequest, pk: UUID) -> HttpResponse:
    """A row of workspace_tracked_repositories: why it is as it is, and what became of it.

    With the platform slow or down, what the console remembers of the row stays.
    """
    now = timezone.now()
    panel = ask(lambda: one_repository.read(pk, circumstances(now)), *reads.REPOSITORY)
    if panel.answer is None and not panel.problem:
        context = {"pk": pk, "what": "tracked repository"}
        return render(request, "workspaces/unknown.html", context, status=404)
    runs = about.runs_about([pk])
    context = {
        "pk": pk,
        "problem": panel.problem,
        "strip": Strip(outcomes.days_of(pk, now.astimezone(UTC).date())),
        "runs": events.of_runs(runs),
        "entries": events.of_entries(about.entries_of(runs)),
    }
    if panel.answer:
        context |= _said(panel.answer, Actions(request), now)
    return render(request, "workspaces/repository.html", context)


def _said(found: Repository, actions: Actions, now: datetime) -> dict[str, Any]:
    """What depends on the platform's answer; a response needs the repository's name."""
    results = responses.naming(found.name)
    row = found.row
    row.refusal = next((result for result in results if not result.success), None)
    return {
        "found": found,
        "row": row,
        "github": row.tracked_repository.repository,
        "explained": list(explained(row, actions, now)),
        "responses": results,
        "menu": actions.menu(WITH_A_REPOSITORY, repositories=[row.pk]),
        "tuning": one_repository.tuning(row, actions),
    }
