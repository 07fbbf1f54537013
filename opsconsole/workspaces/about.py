"""What the console did to some rows, and what it knows of a workspace beside its rows."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from opsconsole.audit.models import Entry
from opsconsole.operations.models import Chunk, Run
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository

LOOKED_AT = 50  # newest runs whose plans are searched
LARGEST = 10_000  # rows of a plan that is searched; larger runs concern everybody
SHOWN = 6
CONFIRMED = Q(queued_at__isnull=False)  # a plan that nobody confirmed did nothing


def workspace(pk: UUID) -> Any:
    """The Workspace with its owner, and counted: `used` repositories, members who `joined`
    and those only `invited`. None for no such workspace.
    """
    found = Workspace.objects.filter(pk=pk).select_related("owner").with_use()
    counted = found.annotate(
        joined=Count("members__accepted_at"),
        invited=Count("members", filter=Q(members__accepted_at=None)),
    )
    return counted.only(
        "name",
        "slug",
        "tier",
        "max_repositories",
        "data_retention_days",
        "created_at",
        "last_activity_at",
        "is_active",
        "owner__email",
        "owner__display_name",
    ).first()


def keys_of(pk: UUID) -> list[UUID]:
    """Its tracked repositories, as plans name them."""
    rows = WorkspaceTrackedRepository.objects.of_workspace(pk)
    return list(rows.values_list("pk", flat=True)[:LARGEST])


def runs_about(keys: list[UUID], of_workspace: UUID | None = None) -> list[Run]:
    """The newest confirmed runs that changed one of these rows, or named the workspace."""
    confirmed = Run.objects.filter(CONFIRMED)
    recent = confirmed.filter(rows_planned__range=(1, LARGEST)).newest_first()
    touching = Chunk.objects.filter(
        step__run__in=recent.values("pk")[:LOOKED_AT], keys__overlap=keys
    )
    about = Q(pk__in=touching.values("step__run"))
    if of_workspace:
        about |= Q(params__workspace=str(of_workspace))
    runs = confirmed.filter(about).select_related("requested_by")
    return list(runs.newest_first()[:SHOWN])


def entries_of(runs: list[Run]) -> list[Entry]:
    """The newest audit entries of these runs."""
    entries = Entry.objects.filter(run_id__in=[run.pk for run in runs])
    return list(entries.newest_first()[:SHOWN])
