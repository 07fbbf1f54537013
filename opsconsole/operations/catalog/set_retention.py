from collections.abc import Iterator
from typing import Any

from django.db.models import Max, Q

from opsconsole.operations.catalog import retention
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


@register
class SetRetention(OnRepositories):
    """Set for how many days a repository's data is kept, also to fewer than now.

    Runbook: "Bulk Update Sync Settings" means to raise and lowers what is higher, without
    a word. Ours says how many rows become lower before anything changes; to raise and
    never lower there is “Raise retention”.
    """

    slug = "set-retention"
    title = "Set retention"
    purpose = "daily"
    risk = "routine"
    icon = "calendar-days"
    writes = {WorkspaceTrackedRepository: ("data_retention_days",)}

    class Form(retention.RetentionForm):
        """Which repositories, and their new retention."""

        days = retention.Days(label="Retention, in days")

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"data_retention_days": params["days"]}
        return [self.change("Set the retention", params, moment, values)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"{params['days']} d for {super().subject(params, moment)}"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        rows = self.rows(run.params, moment)
        return [
            *_lowered(rows, run.params["days"]),
            retention.unread(),
            *retention.without_one(rows),
            *of_deleted_workspaces(rows),
        ]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(data_retention_days=params["days"])


def _lowered(rows: Rows, days: int) -> Iterator[Verdict]:
    lower = rows.filter(data_retention_days__gt=days)
    if number := lower.count():
        most = lower.aggregate(most=Max("data_retention_days"))["most"]
        verb = "is" if number == 1 else "are"
        sentence = (
            f"{counted(number)} {verb} kept for up to {most} days now and would be for"
            f" {days}. To raise alone, use “Raise retention”."
        )
        yield Verdict("Retention lowered", Level.WARNING, sentence)
