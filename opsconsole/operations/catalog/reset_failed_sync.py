from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q

from opsconsole.operations.asking import selecting
from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_repositories import (
    OnRepositories,
    of_deleted_workspaces,
)
from opsconsole.operations.models import EffectCheck, Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.showing import syncs_since
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted, holds
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.platform.rules import FAILED, schedule_rounds

Effect = EffectCheck.Effect


@register
class ResetFailedSync(OnRepositories):
    """Clear the failure of repositories whose last sync failed, and make them due now.

    Runbook: "Reset Failed Syncs". Its UPDATE leaves last_sync_status at 'failed', so the
    rows stay in the failed list while the alert goes quiet; ours clears the status too.
    The next scheduled run takes the rows up as far as its limit reaches; this operation
    calls nothing. Whatever is chosen, the failed ones of it are meant.
    """

    slug = "reset-failed-sync"
    title = "Reset failed sync"
    purpose = "daily"
    risk = "routine"
    routine_rows = None  # whatever it resets has failed already
    icon = "rotate-ccw"
    writes = {
        WorkspaceTrackedRepository: (
            "last_sync_error",
            "last_sync_status",
            "next_sync_at",
            "sync_attempts",
        )
    }
    effect_after = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24))

    class Form(selecting.SelectingForm):
        """Which repositories: the failed ones of them are meant."""

        ways = (*selecting.SelectingForm.ways, "all_failed")
        all_failed = forms.BooleanField(
            required=False, help_text="Every failed repository of the platform."
        )

    def usual(self) -> dict[str, Any]:
        return {"all_failed": True}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {
            "sync_attempts": 0,
            "last_sync_error": None,
            "last_sync_status": None,
            "next_sync_at": moment.now,
        }
        return [self.change("Clear the failure", params, moment, values)]

    def chosen(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        if params.get("all_failed"):
            every: Rows = WorkspaceTrackedRepository.objects.failed()
            return every
        return super().chosen(params, moment, few=few)

    def rows(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        return self.chosen(params, moment, few=few).failed()

    def in_words(self, params: dict[str, Any], total: int | None) -> str:
        if params.get("all_failed"):
            return "all failed repositories"
        return super().in_words(params, total)

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        left_out = [*self._left_out(run.params, moment)]
        if not run.rows_planned:
            return left_out
        statuses = _values_before(run, "last_sync_status")
        failed_alone = holds(
            "Failed ones alone",
            statuses <= {FAILED},
            yes="Every row's last sync failed; no other row is touched.",
            no=f"Rows with status {sorted(map(str, statuses))} would be touched.",
        )
        rows = self.rows(run.params, moment)
        when = _when(run.rows_planned, rows.exclude(fetch_issues=True).count())
        return [failed_alone, *left_out, *of_deleted_workspaces(rows), when]

    def _left_out(self, params: dict[str, Any], moment: Moment) -> Iterator[Verdict]:
        """Of workspaces and error groups, everybody expects the failed ones alone."""
        if not (params.get("repositories") or params.get("matching")):
            return
        chosen = self.chosen(params, moment)
        if left := chosen.exclude(last_sync_status=FAILED).count():
            verb = "did not fail and is" if left == 1 else "did not fail and are"
            sentence = f"{left:,} of the chosen repositories {verb} left out."
            yield Verdict("Left out", Level.NOTE, sentence)

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        """Not failed any more: cleared, or synced again in the meantime."""
        return ~Q(last_sync_status=FAILED) | Q(last_sync_status=None)

    def effect(self, run: Run, moment: Moment) -> tuple[Effect, str]:
        """Effective: most were taken, and nine of ten of these synced.

        Never harmful: what fails again is as failed as before, and an undo would find it
        changed.
        """
        syncs = syncs_since.of(run, moment)
        if not syncs.tried and not syncs.schedule_came:
            return Effect.UNKNOWN, syncs.in_words()
        if syncs.most_were_tried and syncs.nearly_all_succeeded:
            return Effect.EFFECTIVE, syncs.in_words()
        return (Effect.PARTLY if syncs.succeeded else Effect.NONE), syncs.in_words()


def _when(rows: int, paused: int) -> Verdict:
    """What is paused, as everything is during a stop, is reset and not taken."""
    name, taken = "When they sync", rows - paused
    if paused:
        sentence = (
            f"{counted(paused)} paused: nothing takes them before they are resumed."
        )
        if taken > 0:
            sentence += f" The other {taken:,} take {counted(schedule_rounds(taken), 'run')} at least."
        return Verdict(name, Level.WARNING, sentence)
    rounds = schedule_rounds(taken)
    if rounds <= 1:
        sentence = "The next scheduled run can take all of them."
        return Verdict(name, Level.OK, sentence)
    sentence = f"The schedule needs at least {rounds} runs to take all of them."
    return Verdict(name, Level.NOTE, sentence)


def _values_before(run: Run, column: str) -> set[str | None]:
    [step] = run.summary["steps"]
    [histogram] = [item for item in step["columns"] if item["name"] == column]
    return {pair["old"] for pair in histogram["pairs"]}
