from typing import Any

from django import forms
from django.db.models import F

from opsconsole.operations.catalog import waves
from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.syncing import MOST_AT_ONCE, Syncing
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

    class Form(forms.Form):
        """How many, how far back, and whether anything is written."""

        most = forms.IntegerField(
            min_value=1,
            max_value=MOST_AT_ONCE,
            initial=100,
            label="How many",
            help_text=f"1 to {MOST_AT_ONCE:,} repositories, the longest without a sync first.",
        )
        hours_back = forms.IntegerField(
            required=False,
            min_value=1,
            max_value=waves.MOST_HOURS,
            label="Hours back",
            help_text=f"1 to {waves.MOST_HOURS} hours. Empty: since each one's last sync.",
        )
        dry_run = forms.BooleanField(
            required=False,
            label="Dry run",
            help_text="The function fetches and writes nothing; GitHub's quota is spent.",
        )

    def rows(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        every: Rows = WorkspaceTrackedRepository.objects.syncing()
        oldest = every.order_by(LONGEST, "pk").values("pk")[: params["most"]]
        return every.filter(pk__in=oldest)

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"the {params['most']:,} longest without a sync"
