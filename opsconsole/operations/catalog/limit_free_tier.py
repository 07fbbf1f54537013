from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import F, IntegerField, Max, Q, Value
from django.db.models.functions import Coalesce

from opsconsole.operations.asking.fields import MOST_IDS
from opsconsole.operations.catalog import intervals
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.catalog.stop_all_syncs import BEGUN
from opsconsole.operations.models import EffectCheck, Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning.guards import FREE
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted, holds
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceQuerySet
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.web.formats import number

USUAL = 50  # workspaces; runbook
# The sync function takes a row without a priority before all others: above the CHECK's 100.
BEFORE_ALL = 101
NEVER = Value(1_000_000, output_field=IntegerField())  # hours; as good as no sync
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
        return [
            _really_that_many(run),
            *_fewer(run),
            _order(run),
            _calls_saved(moment),
            *_what_goes_on(),
        ]

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
    priority = Coalesce("tracked__priority_score", BEFORE_ALL)
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


def _really_that_many(run: Run) -> Verdict:
    touched = run.summary["steps"][0]["workspaces"]
    chosen, of = len(run.facts["workspaces"]), run.facts["candidates"]
    return holds(
        "Exactly as many",
        touched == chosen <= run.params["how_many"],
        yes=f"{touched:,} of {of:,} free workspaces that have repositories in the sync.",
        no=f"{touched:,} workspaces would be touched instead of {chosen:,}. Do not use"
        " this plan.",
    )


def _fewer(run: Run) -> Iterator[Verdict]:
    chosen, wanted = len(run.facts["workspaces"]), run.params["how_many"]
    if chosen < wanted:
        have = "has" if chosen == 1 else "have"
        sentence = (
            f"{wanted:,} are asked for; {counted(chosen, 'free workspace')} {have}"
            " repositories in the sync."
        )
        yield Verdict("Fewer than asked for", Level.WARNING, sentence)


def _order(run: Run) -> Verdict:
    """So that two people who look at it choose the same ones."""
    first, *others = map(_priority_in_words, run.facts["priorities"])
    span = f"{first} to {others[-1]}" if others else first
    sentence = (
        "First those that their owners deleted, then by priority, the lowest first (a"
        " workspace's is the highest of its repositories), then whatever has been quiet"
        f" for longest, then by id. Priorities of the chosen ones: {span}."
    )
    return Verdict("Which ones", Level.NOTE, sentence)


def _priority_in_words(priority: int) -> str:
    return "not set" if priority == BEFORE_ALL else str(priority)


def _calls_saved(moment: Moment) -> Verdict:
    every: Rows = WorkspaceTrackedRepository.objects.syncing()
    load = intervals.load(every, _rows(moment), NEVER)
    now, then = number(load.now, 1), number(load.then, 1)
    if now == then:
        wanted = number(load.wanted, 1)
        sentence = (
            f"About none: {wanted} repositories an hour fall due even then, and the"
            f" schedule makes at most {now} calls an hour."
        )
        return Verdict("Calls saved", Level.WARNING, sentence)
    sentence = (
        f"About {number(load.now - load.then, 1)} calls an hour fewer: {then} instead of"
        f" {now}, at one call a sync on the schedule's grid of {settings.SCHEDULE_HOURS} h."
    )
    return Verdict("Calls saved", Level.OK, sentence)


def _what_goes_on() -> Iterator[Verdict]:
    yield Verdict(
        "What is added",
        Level.WARNING,
        "A repository that somebody adds to one of them syncs at once, and so does a new"
        " workspace: look again later.",
    )
    yield Verdict(
        "What goes on",
        Level.NOTE,
        "Other jobs of the platform use the same GitHub quota, and this frees none of"
        f" theirs. Scheduled runs fetch the last {settings.SCHEDULE_WINDOW_HOURS} h alone:"
        " of a longer pause the beginning stays missing.",
    )
