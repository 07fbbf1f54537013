from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q

from opsconsole.operations.asking import selecting
from opsconsole.operations.asking.fields import Number
from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_repositories import (
    OnRepositories,
    of_deleted_workspaces,
)
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.platform.rules import USUAL_INTERVAL


@register
class SetInterval(OnRepositories):
    """Set how many hours pass between two syncs of a repository.

    Runbook: the bulk update that gives pro 8 hours. The schedule's grid of 6 hours makes
    12 of that; it overwrites what somebody tuned by hand, in deleted workspaces too; and
    nothing moves before the next sync, since next_sync_at stays. Ours says all that
    before anything changes.
    """

    slug = "set-interval"
    title = "Set interval"
    purpose = "maintenance"
    risk = "routine"
    icon = "timer"
    writes = {WorkspaceTrackedRepository: ("sync_frequency_hours",)}

    class Form(selecting.SelectingForm):
        """Which repositories, and their new interval."""

        hours = Number(
            column="sync_frequency_hours",
            bounds=lambda platform: platform.interval_hours,
            unit="hours",
            unset=f"not set, which means {USUAL_INTERVAL} hours",
            label="Interval, in hours",
            help_text="Between one sync and the next.",
        )

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"sync_frequency_hours": params["hours"]}
        return [self.change("Set the interval", params, moment, values)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"{params['hours']} h for {super().subject(params, moment)}"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        rows, hours = self.rows(run.params, moment), run.params["hours"]
        return [
            on_the_grid(hours),
            *_beyond_the_window(hours),
            *_without_one(rows, hours),
            *of_deleted_workspaces(rows),
            _when(),
        ]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(sync_frequency_hours=params["hours"])


def on_the_grid(hours: int) -> Verdict:
    """A repository that is due waits for the next scheduled run."""
    period = settings.SCHEDULE_HOURS
    effective = -(-hours // period) * period
    if hours % period:
        return Verdict(
            "The schedule's grid",
            Level.WARNING,
            f"The schedule runs every {period} h, so {hours} h work like {effective} h: a"
            " repository that is due waits for the next run.",
        )
    return Verdict(
        "The schedule's grid",
        Level.OK,
        f"A multiple of the schedule's {period} h: in effect {hours} to {hours + period} h,"
        " as a run that starts minutes early leaves it to the next.",
    )


def _beyond_the_window(hours: int) -> Iterator[Verdict]:
    fetched = settings.SCHEDULE_WINDOW_HOURS
    if hours > fetched:
        sentence = (
            f"A scheduled run fetches the last {fetched} h alone: with {hours} h between"
            " two syncs, what happens before that is lost."
        )
        yield Verdict("Coverage gap", Level.WARNING, sentence)


def _without_one(rows: Rows, hours: int) -> Iterator[Verdict]:
    if unset := rows.filter(sync_frequency_hours=None).count():
        same = (
            " For these nothing changes in effect." if hours == USUAL_INTERVAL else ""
        )
        sentence = (
            f"{counted(unset)} without an interval, which the sync function takes for"
            f" {USUAL_INTERVAL} h.{same}"
        )
        yield Verdict("Not set until now", Level.NOTE, sentence)


def _when() -> Verdict:
    sentence = "next_sync_at does not move: the interval counts from the next sync on."
    return Verdict("When it counts", Level.NOTE, sentence)
