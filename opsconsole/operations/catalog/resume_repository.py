from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Min, Q

from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_repositories import (
    OnRepositories,
    of_deleted_workspaces,
)
from opsconsole.operations.models import EffectCheck, Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.showing import syncs_since
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.diagnosis import PAUSED
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.platform.rules import window
from opsconsole.web import formats

Effect = EffectCheck.Effect


@register
class ResumeRepository(OnRepositories):
    """Let the sync take a paused repository again.

    Runbook: "Stop All Syncs" has no way back that knows which rows were off before. Ours
    sets fetch_issues of the chosen rows. Scheduled runs fetch the last 24 hours alone, so
    what a longer pause left out is not made up for: the plan says for how many.
    """

    slug = "resume-repository"
    title = "Resume repository"
    purpose = "daily"
    risk = "routine"
    icon = "circle-play"
    reads = (
        *OnRepositories.reads,
        "workspace_tracked_repositories.is_active",
        "workspace_tracked_repositories.last_sync_at",
        "workspace_tracked_repositories.next_sync_at",
    )
    writes = {WorkspaceTrackedRepository: ("fetch_issues",)}
    effect_after = (timedelta(hours=1), timedelta(hours=24))

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"fetch_issues": True}
        return [self.change("Switch fetch_issues on", params, moment, values)]

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        rows = self.rows(run.params, moment)
        paused = rows.filter(PAUSED)
        return [
            *_gap(paused, moment),
            *_when(paused, moment),
            *_inactive(paused),
            *of_deleted_workspaces(paused),
        ]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(fetch_issues=True)

    def effect(self, run: Run, moment: Moment) -> tuple[Effect, str]:
        """Effective: most were taken, and nine of ten of these synced.

        Harmful: most were taken, and nine of ten failed. Failed rows stay due and take
        places of others at each scheduled run; the undo pauses them again.
        """
        syncs = syncs_since.of(run, moment)
        if not syncs.tried and not syncs.schedule_came:
            return Effect.UNKNOWN, syncs.in_words()
        if syncs.most_were_tried and syncs.nearly_all_failed:
            return Effect.HARMFUL, syncs.in_words()
        if syncs.most_were_tried and syncs.nearly_all_succeeded:
            return Effect.EFFECTIVE, syncs.in_words()
        return (Effect.PARTLY if syncs.succeeded else Effect.NONE), syncs.in_words()


def _gap(paused: Rows, moment: Moment) -> Iterator[Verdict]:
    late = paused.filter(last_sync_at__lt=moment.now - window())
    oldest = late.aggregate(oldest=Min("last_sync_at"))["oldest"]
    if oldest:
        sentence = (
            f"{counted(late.count())} synced longer ago than the"
            f" {settings.SCHEDULE_WINDOW_HOURS} h that a scheduled run fetches, the oldest"
            f" {formats.distance(oldest, moment.now)}: what happened between is not made"
            " up for. Force a sync that reaches back if it matters."
        )
        yield Verdict("Coverage gap", Level.WARNING, sentence)


def _when(paused: Rows, moment: Moment) -> Iterator[Verdict]:
    if due := paused.filter(next_sync_at__lte=moment.now).count():
        verb = "is" if due == 1 else "are"
        sentence = f"{counted(due)} {verb} due at once: next_sync_at lies in the past."
        yield Verdict("When they sync", Level.NOTE, sentence)
    if never := paused.filter(next_sync_at=None).count():
        sentence = f"{counted(never)} without a next sync: no run takes them even then."
        yield Verdict("Never scheduled", Level.WARNING, sentence)


def _inactive(paused: Rows) -> Iterator[Verdict]:
    if inactive := paused.filter(is_active=False).count():
        sentence = (
            f"{counted(inactive)} with is_active off: the sync function does not read it"
            " and takes them all the same."
        )
        yield Verdict("Inactive but syncing", Level.NOTE, sentence)
