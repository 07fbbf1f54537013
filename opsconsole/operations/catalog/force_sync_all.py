from typing import Any

from django import forms
from django.db.models import F

from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.syncing import MOST_AT_ONCE, HowFar, Syncing
from opsconsole.operations.moment import Moment
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

LONGEST = F("last_sync_at").asc(nulls_first=True)  # without a sync


@register
class ForceSyncAll(Syncing):
    """Sync what has waited longest, wherever it is, as many as GitHub grants calls for.

    Runbook: "Force sync all workspaces". Its call takes ten rows that are due already.
    """

    slug = "force-sync-all"
    title = "Force sync all"
    purpose = "maintenance"
    risk = "elevated"
    icon = "refresh-ccw"

    class Form(HowFar):
        """How many, how far back, and whether anything is written."""

        field_order = ("most", "hours_back", "dry_run")

        most = forms.IntegerField(
            min_value=1,
            max_value=MOST_AT_ONCE,
            initial=100,
            label="How many",
            help_text=f"1 to {MOST_AT_ONCE:,} repositories, the longest without a sync first.",
        )

    def rows(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        every: Rows = WorkspaceTrackedRepository.objects.syncing()
        oldest = every.order_by(LONGEST, "pk").values("pk")[: params["most"]]
        return every.filter(pk__in=oldest)

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"the {params['most']:,} longest without a sync"
