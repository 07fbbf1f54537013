from typing import Any

from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.syncing import Syncing
from opsconsole.operations.moment import Moment


@register
class ForceSync(Syncing):
    """Sync chosen repositories now, due or not, as far back as their last sync.

    Runbook: "Force Sync", whose call forces nothing: the function takes what is due
    already, ten rows at most, by priority. Ours makes exactly the chosen ones due, calls
    for them in waves of up to 20, and gives every row that was not synced its moment
    back. A repository that GitHub refuses is named by the answer alone, which is kept.
    """

    slug = "force-sync"
    title = "Force sync"
    purpose = "daily"
    risk = "routine"
    icon = "refresh-cw"

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        dry = "dry run of " if params.get("dry_run") else ""
        return f"{dry}{super().subject(params, moment)}"
