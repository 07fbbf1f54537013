from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

from opsconsole.operations.asking.fields import Number, Tiers
from opsconsole.operations.catalog import intervals
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.catalog.slowing_down import SlowingDown
from opsconsole.operations.models import EffectCheck, Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Verdict, counted
from opsconsole.platform import contract
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

DAY = timedelta(hours=24)
Effect = EffectCheck.Effect


@register
class DoubleIntervals(Operation):
    """Lengthen the sync interval of active repositories, to spare GitHub's rate limit.

    Runbook: "Rate Limit Emergency", step 2, doubles every interval to at least 48 hours.
    Its UPDATE has no upper bound, so one row above 84 hours makes the platform refuse all
    of it; it keeps no old values; and as next_sync_at stays, it relieves nothing at once.
    Ours stops at the platform's longest interval, takes chosen tiers of what really
    syncs, and on request puts off the next sync by as much as the interval grows.
    """

    slug = "double-intervals"
    title = "Double intervals"
    purpose = "emergency"
    risk = "elevated"
    icon = "hourglass"
    reads = (
        "workspace_tracked_repositories.fetch_issues",
        "workspace_tracked_repositories.is_active",
    )
    writes = {WorkspaceTrackedRepository: ("next_sync_at", "sync_frequency_hours")}
    effect_after = (DAY, 3 * DAY)  # by then the shorter intervals have come round

    class Form(forms.Form):
        """How much longer, and for whom."""

        factor = forms.IntegerField(
            min_value=2, max_value=8, initial=2, help_text="Times the interval: 2 to 8."
        )
        floor = Number(
            column="sync_frequency_hours",
            bounds=lambda platform: platform.interval_hours,
            unit="hours",
            unset="not set",
            initial=48,  # runbook
            label="At least, in hours",
            help_text="No new interval is shorter than this.",
        )
        tiers = Tiers(help_text="Repositories of workspaces in these tiers.")
        relief = forms.BooleanField(
            required=False,
            label="Relief at once",
            help_text="Put off the next sync too, by as much as the interval grows; what"
            " is due already counts from now.",
        )

    def usual(self) -> dict[str, Any]:
        tiers = [*contract.current().tiers]
        return {"factor": 2, "floor": 48, "tiers": tiers, "relief": False}

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        bounds = contract.current().interval_hours
        if bounds is None:
            raise LookupError("The platform does not say how long an interval may be")
        return {"longest": bounds[1], "due_in_a_day": _due_in_a_day(params, moment.now)}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        new = _new(params, moment)
        values = {"sync_frequency_hours": new}
        longer = ChangeRows("Lengthen the interval", _rows(params), values)
        return [longer, _relief(params, moment, new)] if params["relief"] else [longer]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        size = f"×{params['factor']}, at least {params['floor']} h"
        relief = ", with relief at once" if params["relief"] else ""
        return f"{size}, for {', '.join(params['tiers'])}{relief}"

    def tiers_meant(self, params: dict[str, Any]) -> Collection[str]:
        tiers: list[str] = params["tiers"]
        return tiers

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        new = _new(run.params, moment)
        told = SlowingDown(run, moment, _rows(run.params), new)
        return [*told.verdicts()] if run.rows_planned else []

    def effect(self, run: Run, moment: Moment) -> tuple[Effect, str]:
        """By how many repositories fall due in the 24 hours to come, then and now.

        A longer interval makes nothing due, so it is never harmful.
        """
        before = int(run.facts["due_in_a_day"])
        now = _due_in_a_day(run.params, moment.now)
        sentence = (
            f"{counted(now)} to fall due within 24 h; {before:,} when it was planned."
        )
        if not before:
            return Effect.UNKNOWN, sentence
        if now <= 0.75 * before:
            return Effect.EFFECTIVE, sentence
        return (Effect.PARTLY if now < before else Effect.NONE), sentence


def _rows(params: dict[str, Any]) -> Rows:
    """What the sync function takes, without those that somebody switched off in vain."""
    active: Rows = WorkspaceTrackedRepository.objects.active()
    return active.syncing().in_tiers(params["tiers"])


def _new(params: dict[str, Any], moment: Moment) -> Combinable:
    longest = moment.facts["longest"]
    return intervals.lengthened(params["factor"], params["floor"], longest)


def _relief(params: dict[str, Any], moment: Moment, new: Combinable) -> ChangeRows:
    """As if the new interval had counted since the last sync; what is due, from now on.

    What is next due further away than any interval reaches needs no relief.
    """
    rows, grows = _rows(params), new - intervals.MEANT
    soon = moment.now + timedelta(hours=moment.facts["longest"])
    near = rows.alias(grows=grows).filter(grows__gt=0, next_sync_at__lt=soon)
    later = Greatest(F("next_sync_at"), Value(moment.now)) + intervals.Hours(grows)
    return ChangeRows(
        "Put off the next sync",
        near,
        {"next_sync_at": later},
        again=rows,  # the first step has changed by then how much an interval grows
        optional=True,
        undo_note="restorable until the next sync moves it",
    )


def _due_in_a_day(params: dict[str, Any], now: datetime) -> int:
    """What is overdue is not counted: quiet repositories stay so, whatever the interval."""
    return (
        _rows(params).filter(next_sync_at__gt=now, next_sync_at__lte=now + DAY).count()
    )
