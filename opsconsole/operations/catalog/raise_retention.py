from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest

from opsconsole.operations.catalog import retention
from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_repositories import (
    OnRepositories,
    of_deleted_workspaces,
)
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Verdict, counted, holds
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

CURRENT = F("data_retention_days")


@register
class RaiseRetention(OnRepositories):
    """Keep the data of repositories for at least so many days; nothing becomes shorter.

    Runbook: "Bulk Update Sync Settings", increase retention for active workspaces. Its
    UPDATE sets 60 whatever a row holds, so 90 and 365 become 60; and it chooses by
    total_issues_fetched, which is the count of each row's last run alone. Ours raises what
    is lower, leaves the rest, and takes the repositories that somebody chose.
    """

    slug = "raise-retention"
    title = "Raise retention"
    purpose = "maintenance"
    risk = "elevated"
    icon = "calendar-arrow-up"
    writes = {WorkspaceTrackedRepository: ("data_retention_days",)}

    class Form(retention.RetentionForm):
        """Which repositories, and the shortest retention that they are to have."""

        days = retention.Days(
            initial=60,  # runbook
            label="At least, in days",
            help_text="What is kept longer already stays as it is.",
        )

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"data_retention_days": _raised(params["days"])}
        return [self.change("Raise the retention", params, moment, values)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"at least {params['days']} d for {super().subject(params, moment)}"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        rows, days = self.rows(run.params, moment), run.params["days"]
        return [
            _never_lowered(rows, days),
            retention.unread(),
            *retention.without_one(rows),
            *of_deleted_workspaces(rows),
        ]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(data_retention_days__gte=params["days"])


def _raised(days: int) -> Combinable:
    """At least so many days; NULL counts as none at all."""
    return Greatest(Coalesce(CURRENT, 0), days)


def _never_lowered(rows: Rows, days: int) -> Verdict:
    lowered = rows.alias(new=_raised(days)).filter(new__lt=CURRENT).count()
    longer = rows.filter(data_retention_days__gt=days).count()
    return holds(
        "Never lowered",
        not lowered,
        yes=f"No retention becomes shorter; {counted(longer)} kept longer already stay.",
        no=f"{counted(lowered)} would be kept for a shorter time. Do not use this plan.",
    )
