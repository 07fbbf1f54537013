from typing import Any

from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.syncing import Syncing
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows, StepSpec
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows


@register
class RetryNow(Syncing):
    """Clear the failure of repositories and sync exactly these, at once.

    Runbook: "Reset Failed Syncs" and then "Force Sync" with limit 1, which takes whatever
    row has the highest priority, seldom the one that was reset. Of what is chosen, the
    failed ones are meant.
    """

    slug = "retry-now"
    title = "Retry now"
    purpose = "daily"
    risk = "routine"
    icon = "rotate-cw"
    reads = (*Syncing.reads, "workspace_tracked_repositories.last_sync_status")
    writes = {
        WorkspaceTrackedRepository: (
            "last_sync_error",
            "last_sync_status",
            "next_sync_at",
            "sync_attempts",
        )
    }

    def rows(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        return super().rows(params, moment, few=few).failed()

    def steps(self, params: dict[str, Any], moment: Moment) -> list[StepSpec]:
        values = {"sync_attempts": 0, "last_sync_error": None, "last_sync_status": None}
        reset: ChangeRows = self.change("Clear the failure", params, moment, values)
        return [reset, *super().steps(params, moment)]
