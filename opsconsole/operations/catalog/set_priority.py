from collections.abc import Iterator
from typing import Any

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
from opsconsole.platform import rules
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows


@register
class SetPriority(OnRepositories):
    """Set who is taken first when more repositories are due than a scheduled run takes.

    Runbook: none; operators write priority_score by hand, without a trace. The sync
    function orders due rows by it, the highest first, and takes those without one before
    all others, as PostgreSQL sorts NULL. Changing a workspace's tier works its priorities
    out anew (trigger update_priorities_on_tier_change) and overwrites what is set here.
    """

    slug = "set-priority"
    title = "Set priority"
    purpose = "daily"
    risk = "routine"
    icon = "arrow-up-narrow-wide"
    writes = {WorkspaceTrackedRepository: ("priority_score",)}

    class Form(selecting.SelectingForm):
        """Which repositories, and their new priority."""

        priority = Number(
            column="priority_score",
            bounds=lambda platform: platform.priorities,
            unit="points",
            unset="not set, which comes before every number",
            label="Priority, in points",
            help_text="The highest are taken first; new repositories get 50.",
        )

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"priority_score": params["priority"]}
        return [self.change("Set the priority", params, moment, values)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"{params['priority']} for {super().subject(params, moment)}"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        rows = self.rows(run.params, moment)
        return [_what_it_does(), *_without_one(rows), *of_deleted_workspaces(rows)]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(priority_score=params["priority"])


def _what_it_does() -> Verdict:
    return Verdict(
        "What it does",
        Level.NOTE,
        f"It matters while more repositories are due than the {rules.slots()} that a"
        " scheduled run takes. A change of a workspace's tier overwrites it.",
    )


def _without_one(rows: Rows) -> Iterator[Verdict]:
    if unset := rows.filter(priority_score=None).count():
        sentence = (
            f"{counted(unset)} without a priority, which the sync function takes before"
            " all others: any number puts them further back."
        )
        yield Verdict("Not set until now", Level.WARNING, sentence)
