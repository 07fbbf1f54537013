from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import F, Func, IntegerField, JSONField, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Mod

from opsconsole.operations.asking.frequencies import Frequencies
from opsconsole.operations.catalog import intervals
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.catalog.on_repositories import of_deleted_workspaces
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform import contract
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.web.formats import number


@register
class SetFrequencies(Operation):
    """Give each of many repositories a sync interval of its own, as a report suggests them.

    Runbook: "Optimize Sync Frequencies" finds busy repositories and leaves the change to
    the reader. Its list groups by repository, tier and interval, so the same repository of
    three workspaces counts its issues three times, and an UPDATE by that list would change
    rows that nobody looked at. Ours changes exactly the rows that are named, each to its
    own interval, and says what the schedule makes of them.
    """

    slug = "set-frequencies"
    title = "Optimise frequencies"
    purpose = "maintenance"
    risk = "elevated"
    icon = "sliders-horizontal"
    reads = (
        "workspaces.is_active",
        "workspace_tracked_repositories.fetch_issues",
    )
    writes = {WorkspaceTrackedRepository: ("sync_frequency_hours",)}

    class Form(forms.Form):
        """Which repository gets which interval."""

        frequencies = Frequencies(
            help_text="One per line: the id of a tracked repository and its new interval in"
            " hours, with a space or a comma between them."
        )

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"sync_frequency_hours": _new(params)}
        return [ChangeRows("Set each interval", _rows(params), values)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        chosen = len(params["frequencies"])
        noun = "repository" if chosen == 1 else "repositories"
        return f"{chosen:,} {noun}, each its own interval"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        rows = _rows(run.params)
        new = rows.alias(new=_new(run.params))
        return [
            _which_way(new),
            _calls(rows, _new(run.params)),
            *_off_the_grid(new),
            *_beyond_the_window(new),
            *of_deleted_workspaces(rows),
            _when(),
        ]

    @classmethod
    def obstacles(cls, platform: contract.Contract) -> list[str]:
        if not platform.reachable or platform.interval_hours:
            return []
        return ["The platform does not say which hours sync_frequency_hours accepts."]


def _chosen(params: dict[str, Any]) -> dict[str, int]:
    """Id -> hours."""
    pairs = (line.split() for line in params["frequencies"])
    return {pk: int(hours) for pk, hours in pairs}


def _rows(params: dict[str, Any]) -> Rows:
    rows: Rows = WorkspaceTrackedRepository.objects.filter(pk__in=[*_chosen(params)])
    return rows


def _new(params: dict[str, Any]) -> Combinable:
    """Looked up by the row's id: as many branches of a CASE would be slow."""
    by_id = Cast(Value(_chosen(params), output_field=JSONField()), JSONField())
    found = Func(
        by_id,
        Cast(F("pk"), TextField()),
        template="(%(expressions)s)",
        arg_joiner=" ->> ",
        output_field=TextField(),
    )
    return Cast(found, IntegerField())


def _which_way(new: Rows) -> Verdict:
    oftener = new.filter(new__lt=intervals.MEANT).count()
    rarer = new.filter(new__gt=intervals.MEANT).count()
    sentence = f"{counted(oftener)} to sync more often than now, {rarer:,} less often."
    return Verdict("Which way", Level.OK, sentence)


def _calls(rows: Rows, new: Combinable) -> Verdict:
    syncing: Rows = WorkspaceTrackedRepository.objects.syncing()
    load = intervals.load(syncing, rows.syncing(), new)
    now, then = number(load.now, 1), number(load.then, 1)
    wanted = number(load.wanted, 1)
    sentence = (
        f"About {then} an hour instead of {now}, at one call a sync on the schedule's grid"
        f" of {settings.SCHEDULE_HOURS} h."
    )
    if load.wanted > load.then:
        sentence += f" {wanted} would fall due, more than the schedule takes."
    level = Level.WARNING if load.wanted > load.then else Level.OK
    return Verdict("Calls", level, sentence)


def _off_the_grid(new: Rows) -> Iterator[Verdict]:
    period = settings.SCHEDULE_HOURS
    off = new.alias(rest=Mod("new", period)).exclude(rest=0).count()
    if off:
        sentence = (
            f"Of {counted(off)} the new interval is no multiple of the schedule's {period} h"
            " and works like the next one: a repository that is due waits for the next run."
        )
        yield Verdict("The schedule's grid", Level.WARNING, sentence)


def _beyond_the_window(new: Rows) -> Iterator[Verdict]:
    fetched = settings.SCHEDULE_WINDOW_HOURS
    if beyond := new.filter(new__gt=fetched).count():
        sentence = (
            f"A scheduled run fetches the last {fetched} h alone: of {counted(beyond)} what"
            " happens before that is lost, unless somebody forces a sync that reaches back."
        )
        yield Verdict("Coverage gap", Level.WARNING, sentence)


def _when() -> Verdict:
    sentence = "next_sync_at does not move: the interval counts from the next sync on."
    return Verdict("When it counts", Level.NOTE, sentence)
