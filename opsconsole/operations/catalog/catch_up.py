from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F

from opsconsole.operations.catalog import waves
from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.syncing import MOST_AT_ONCE, Syncing
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.verdicts import Level, Verdict
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.platform.rules import window


@register
class CatchUp(Syncing):
    """Sync what has fallen out of the schedule's reach since a moment, such as a stop's.

    Runbook: none; after "Stop All Syncs" it switches everything on again, and what GitHub
    saw before the schedule's last 24 hours is never fetched. Ours syncs the repositories
    whose last sync has left that reach since then, each as far back as its own gap.
    """

    slug = "catch-up"
    title = "Catch up"
    purpose = "emergency"
    risk = "routine"
    icon = "fast-forward"

    class Form(forms.Form):
        """Since when."""

        since = forms.DateTimeField(
            label="Since",
            help_text="Gaps that began after this moment, for example a stop's start.",
        )
        most = forms.IntegerField(
            min_value=1,
            max_value=MOST_AT_ONCE,
            initial=MOST_AT_ONCE,
            label="At most",
            help_text=f"1 to {MOST_AT_ONCE:,} repositories, those with the shortest gap first:"
            " of these most is still to be had.",
        )

    def rows(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        out_of_reach = _fallen_out(_moment_of(params), moment.now)
        newest = out_of_reach.order_by(F("last_sync_at").desc(), "pk")
        chosen = newest.values("pk")[: params["most"]]
        every: Rows = WorkspaceTrackedRepository.objects.filter(pk__in=chosen)
        return every

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"gaps since {_moment_of(params):%Y-%m-%d %H:%M} UTC"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        since = _moment_of(run.params)
        all_of_them = _fallen_out(since, moment.now).count()
        left = all_of_them - waves.rows_of(waves.kept(Moment(moment.now, run.facts)))
        sentence = f"{all_of_them:,} have fallen out of the schedule's reach since then"
        if left > 0:
            sentence += f"; {left:,} are not in this plan: plan again afterwards"
        level = Level.WARNING if left > 0 else Level.OK
        gap = Verdict("The gap", level, f"{sentence}.")
        return [gap, *super().invariants(run, moment)]


def _moment_of(params: dict[str, Any]) -> datetime:
    """As the form has it, or as a run keeps it."""
    since = params["since"]
    return since if isinstance(since, datetime) else datetime.fromisoformat(since)


def _fallen_out(since: datetime, now: datetime) -> Rows:
    """Within the schedule's reach at that moment, and no longer."""
    syncing: Rows = WorkspaceTrackedRepository.objects.syncing()
    return syncing.filter(
        last_sync_at__gte=since - window(), last_sync_at__lt=now - window()
    )
