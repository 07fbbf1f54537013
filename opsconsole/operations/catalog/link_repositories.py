from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from opsconsole.operations.asking.fields import WorkspaceIds
from opsconsole.operations.catalog import linking
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import EffectCheck, Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.showing import syncs_since
from opsconsole.operations.steps import InsertRows
from opsconsole.operations.verdicts import Verdict, counted
from opsconsole.platform.models import WorkspaceRepository, WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceRepositoryQuerySet as Links

# What the platform's trigger gives a new row; trg_sync_workspace_tracked_repos.
FIRST_VALUES = {
    "fetch_issues": True,
    "is_active": True,
    "priority_score": 50,
    "sync_frequency_hours": 24,
}
Effect = EffectCheck.Effect


@register
class LinkRepositories(Operation):
    """Let the sync know repositories that workspaces show and that it never takes.

    Runbook: "Quick Start Deployment", step 2, runs scripts/link-workspace-repos.sql, which
    its repository no longer has. The platform's trigger links what is added, but not what
    was tracked by nobody at that moment, nor does it ever come back to it; and where
    nobody is named in added_by, its insert fails. Ours inserts the missing rows with the
    trigger's own values, takes the workspace's owner where added_by is empty, leaves out
    workspaces that their owners deleted, and names what cannot be linked.
    """

    slug = "link-repositories"
    title = "Link repositories"
    purpose = "maintenance"
    risk = "elevated"
    icon = "link"
    reads = (
        "workspace_tracked_repositories.last_sync_at",
        "workspace_tracked_repositories.last_sync_status",
        "workspaces.is_active",
        "workspaces.owner_id",
        "workspace_repositories.added_by",
        "workspace_repositories.repository_id",
        "workspace_repositories.workspace_id",
    )
    inserts = {
        WorkspaceTrackedRepository: (
            "added_by",
            *sorted(FIRST_VALUES),
            "next_sync_at",
            "tracked_repository_id",
            "workspace_id",
        )
    }

    effect_after = (timedelta(hours=1), timedelta(hours=24))

    class Form(forms.Form):
        """Which workspaces."""

        workspaces = WorkspaceIds(
            required=False,
            help_text="Ids: the unlinked repositories of these; of all when it is empty.",
        )

    def usual(self) -> dict[str, Any]:
        return {"workspaces": []}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[InsertRows]:
        values = {
            **FIRST_VALUES,
            "added_by": Coalesce("added_by", "workspace__owner_id"),
            "next_sync_at": moment.now,
            "tracked_repository_id": F("repository__tracked__pk"),
            "workspace_id": F("workspace_id"),
        }
        return [
            InsertRows(
                "Link them",
                _links(params).unlinked(),
                WorkspaceTrackedRepository,
                values,
                label=F("repository__full_name"),
                undo_note="possible until the first sync of each of them",
            )
        ]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        if chosen := params["workspaces"]:
            number = counted(len(chosen), "workspace")
            return f"unlinked repositories of {number}"
        return "all unlinked repositories"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [*linking.verdicts(run, _links(run.params))]

    def effect(self, run: Run, moment: Moment) -> tuple[Effect, str]:
        """Effective: most were taken, and nine of ten of these synced."""
        syncs = syncs_since.of(run, moment)
        if not syncs.tried and not syncs.schedule_came:
            return Effect.UNKNOWN, syncs.in_words()
        if syncs.most_were_tried and syncs.nearly_all_succeeded:
            return Effect.EFFECTIVE, syncs.in_words()
        return (Effect.PARTLY if syncs.succeeded else Effect.NONE), syncs.in_words()

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        """That the row is there and in the sync; a first sync may have moved the rest."""
        return Q(fetch_issues=True)


def _links(params: dict[str, Any]) -> Links:
    every: Links = WorkspaceRepository.objects.of_living_workspaces()
    chosen = params["workspaces"]
    return every.filter(workspace_id__in=chosen) if chosen else every
