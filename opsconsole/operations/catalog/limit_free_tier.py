from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce

from opsconsole.operations.asking.fields import MOST_IDS
from opsconsole.operations.catalog import limiting
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.catalog.stop_all_syncs import BEGUN
from opsconsole.operations.models import EffectCheck, Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning.guards import FREE
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceQuerySet
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

USUAL = 50  # workspaces; runbook
Effect = EffectCheck.Effect


@register
class LimitFreeTier(Operation):
    """Pause all repositories of a number of free workspaces, the lowest priority first.

    Runbook: "Rate Limit Emergency", step 3, means 50 free workspaces. Its subquery asks
    workspaces for a column that it does not have, so PostgreSQL takes the outer row's:
    one free workspace is enough for every row to match, paying customers included, and
    the limit means nothing. It sets is_active too, which the sync function does not read.
    Ours chooses the workspaces while it plans, says in which order, switches off
    fetch_issues, and leaves alone whoever has changed the tier by then.
    """

    slug = "limit-free-tier"
    title = "Limit free-tier syncs"
    purpose = "emergency"
    risk = "emergency"
    icon = "funnel"
    reads = (
        "workspaces.is_active",
        "workspaces.last_activity_at",
        "workspace_tracked_repositories.last_sync_at",
        "workspace_tracked_repositories.next_sync_at",
        "workspace_tracked_repositories.priority_score",
        "workspace_tracked_repositories.sync_frequency_hours",
    )
    writes = {WorkspaceTrackedRepository: ("fetch_issues",)}
    effect_after = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24))

    class Form(forms.Form):
        """How many."""

        how_many = forms.IntegerField(
            min_value=1,
            max_value=MOST_IDS,
            initial=USUAL,
            label="Free workspaces",
            help_text=f"How many, 1 to {MOST_IDS:,}; all their repositories are paused.",
        )

    def usual(self) -> dict[str, Any]:
        return {"how_many": USUAL}

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        """The workspaces themselves: the same ones until the last row is written.

        Raises LookupError when no free one syncs.
        """
        candidates = _candidates()
        chosen = list(candidates[: params["how_many"]].values_list("pk", "highest"))
        if not chosen:
            raise LookupError(
                "No free workspace has a repository in the sync: there is nothing to limit"
            )
        return {
            "workspaces": [str(pk) for pk, _ in chosen],
            "priorities": sorted({highest for _, highest in chosen}),
            "candidates": candidates.count(),
        }

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values, due = {"fetch_issues": False}, Q(next_sync_at__lte=moment.now)
        title = "Take them out of the sync"
        return [ChangeRows(title, _rows(moment), values, first=due)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return counted(len(moment.facts["workspaces"]), "free workspace")

    def tiers_meant(self, params: dict[str, Any]) -> Collection[str]:
        return [FREE]

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [*limiting.verdicts(run, _rows(moment))]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(fetch_issues=False)

    def proofs(self, run: Run, moment: Moment) -> list[Verdict]:
        """That none of the chosen workspaces syncs: rows may have been made meanwhile."""
        name = "They sync no more"
        if syncing := _rows(moment).count():
            sentence = (
                f"{counted(syncing)} of these workspaces in the sync again: added or"
                " switched on since the plan. Pause them, or plan this once more."
            )
            return [Verdict(name, Level.WARNING, sentence)]
        sentence = "No free one of these workspaces has a repository in the sync."
        return [Verdict(name, Level.OK, sentence)]

    def effect(self, run: Run, moment: Moment) -> tuple[Effect, str]:
        """Whether a repository of these workspaces has synced since all the same."""
        assert run.finished_at is not None
        theirs = _of_chosen(moment)
        synced = theirs.filter(last_sync_at__gt=run.finished_at + BEGUN).count()
        sentence = f"{counted(synced)} of these workspaces synced since."
        return (Effect.PARTLY if synced else Effect.EFFECTIVE), sentence


def _candidates() -> WorkspaceQuerySet:
    """Free workspaces that sync, in the order in which they are limited.

    `highest`: the priority of that one of its repositories which is taken first.
    """
    syncing = Q(tracked__fetch_issues=True)
    priority = Coalesce("tracked__priority_score", limiting.BEFORE_ALL)
    found: WorkspaceQuerySet = (
        Workspace.objects.filter(tier=FREE)
        .annotate(highest=Max(priority, filter=syncing))
        .filter(highest__isnull=False)
        .order_by(
            Coalesce("is_active", True),
            "highest",
            F("last_activity_at").asc(nulls_first=True),
            "pk",
        )
    )
    return found


def _of_chosen(moment: Moment) -> Rows:
    chosen = moment.facts["workspaces"]
    found: Rows = WorkspaceTrackedRepository.objects.filter(workspace_id__in=chosen)
    return found


def _rows(moment: Moment) -> Rows:
    """Asked again before each write: whoever has paid since is not among them."""
    return _of_chosen(moment).in_tiers([FREE]).syncing()
