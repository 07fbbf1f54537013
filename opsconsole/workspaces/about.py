"""What the console did to a workspace, and what it knows of it beside its rows."""

from uuid import UUID

from django.db.models import Count, Q

from opsconsole.audit.models import Entry
from opsconsole.operations.models import Run
from opsconsole.platform.models import WorkspaceMember, WorkspaceTrackedRepository

LOOKED_AT = 50  # newest runs whose plans are searched
LARGEST = 10_000  # rows of a plan that is searched; larger runs concern everybody
SHOWN = 6


def runs_about(workspace: UUID) -> list[Run]:
    """The newest runs that named the workspace or planned to change rows of it."""
    rows = WorkspaceTrackedRepository.objects.of_workspace(workspace)
    keys = list(rows.values_list("pk", flat=True))
    recent = Run.objects.filter(rows_planned__range=(1, LARGEST)).newest_first()
    newest = list(recent.values_list("pk", flat=True)[:LOOKED_AT])
    touching = Run.objects.filter(
        pk__in=newest, steps__chunks__keys__overlap=keys
    ).values("pk")
    about = Q(params__workspace=str(workspace)) | Q(pk__in=touching)
    runs = Run.objects.filter(about).select_related("requested_by")
    return list(runs.newest_first()[:SHOWN])


def entries_of(runs: list[Run]) -> list[Entry]:
    """The newest audit entries of these runs."""
    entries = Entry.objects.filter(run_id__in=[run.pk for run in runs])
    return list(entries.newest_first()[:SHOWN])


def members(workspace: UUID) -> tuple[int, int]:
    """How many people belong to the workspace, and how many were invited only."""
    people = WorkspaceMember.objects.filter(workspace=workspace)
    found = people.aggregate(everybody=Count("pk"), joined=Count("accepted_at"))
    return found["joined"], found["everybody"] - found["joined"]
