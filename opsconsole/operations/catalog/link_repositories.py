from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from opsconsole.operations.asking.fields import WorkspaceIds
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import InsertRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.models import WorkspaceRepository, WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceRepositoryQuerySet as Links
from opsconsole.platform.rules import schedule_rounds

NAMED = 3  # repositories called by name in a sentence
# What the platform's trigger gives a new row; trg_sync_workspace_tracked_repos.
FIRST_VALUES = {
    "fetch_issues": True,
    "is_active": True,
    "priority_score": 50,
    "sync_frequency_hours": 24,
}


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
        links = _links(run.params)
        found = [*_untracked(links)]
        if not run.rows_planned:
            return found
        return [*_without_adder(links), *found, _when(run), *_while_stopped()]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        """That the row is there and in the sync; a first sync may have moved the rest."""
        return Q(fetch_issues=True)


def _links(params: dict[str, Any]) -> Links:
    every: Links = WorkspaceRepository.objects.of_living_workspaces()
    chosen = params["workspaces"]
    return every.filter(workspace_id__in=chosen) if chosen else every


def _untracked(links: Links) -> Iterator[Verdict]:
    """They are silently never linked: the trigger leaves them out with a notice."""
    untracked = links.untracked()
    total = untracked.count()
    if not total:
        return
    names = untracked.order_by("repository__full_name", "pk").values_list(
        "repository__full_name", flat=True
    )
    shown = [*names[:NAMED]]
    more = f" and {total - len(shown):,} more" if total > len(shown) else ""
    sentence = (
        f"{counted(total)} cannot be linked, as nobody tracks the repository:"
        f" {', '.join(shown)}{more}. Have the platform track them, then link again:"
        " nothing links them by itself."
    )
    yield Verdict("Not tracked", Level.NOTE, sentence)


def _without_adder(links: Links) -> Iterator[Verdict]:
    if nobody := links.unlinked().filter(added_by=None).count():
        sentence = (
            f"Of {counted(nobody)} it is not known who added the repository: the"
            " workspace's owner is put down."
        )
        yield Verdict("Added by", Level.NOTE, sentence)


def _when(run: Run) -> Verdict:
    rounds = schedule_rounds(run.rows_planned)
    sentence = (
        "They are due at once, every 24 h from then on, as if they had just been added."
        f" The schedule needs at least {counted(rounds, 'run')} to take all of them."
    )
    return Verdict("When they sync", Level.NOTE, sentence)


def _while_stopped() -> Iterator[Verdict]:
    """A stop is not sticky: a new row syncs whatever the others do."""
    rows = WorkspaceTrackedRepository.objects
    if rows.exists() and not rows.syncing().exists():
        sentence = (
            "No repository is in the sync at present: somebody may have stopped all. The"
            " new ones would sync all the same."
        )
        yield Verdict("Everything is stopped", Level.WARNING, sentence)
