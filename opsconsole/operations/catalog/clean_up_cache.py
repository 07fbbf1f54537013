from datetime import timedelta
from typing import Any

from django import forms

from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import DeleteRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.models import WorkspaceIssuesCache
from opsconsole.platform.querysets import WorkspaceIssuesCacheQuerySet as Entries

USUAL_AGE, LONGEST_AGE = 7, 3_650  # days; the first one is the runbook's


@register
class CleanUpCache(Operation):
    """Delete entries of the issues cache that expired a while ago. They do not come back.

    Runbook: "Clean Up Stale Data". Its DELETE is one statement over all of them, which
    the platform's timeout may end with nothing done; and the table may not be there at
    all. Ours deletes in small pieces, keeps what was renewed since the plan, and keeps no
    copy: the numbers can be worked out again.
    """

    slug = "clean-up-cache"
    title = "Clean up expired cache"
    purpose = "maintenance"
    risk = "dangerous"
    icon = "brush-cleaning"
    reads = (
        "workspace_issues_cache.expires_at",
        "workspace_issues_cache.time_range",
    )
    deletes_for_good = (WorkspaceIssuesCache,)

    class Form(forms.Form):
        """How long expired."""

        days = forms.IntegerField(
            min_value=0,
            max_value=LONGEST_AGE,
            initial=USUAL_AGE,
            label="Expired for at least, in days",
            help_text=f"0 to {LONGEST_AGE:,} days; 0 is all that has expired.",
        )

    def usual(self) -> dict[str, Any]:
        return {"days": USUAL_AGE}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[DeleteRows]:
        return [DeleteRows("Delete expired entries", _expired(params, moment))]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return f"what expired more than {counted(params['days'], 'day')} ago"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        kept = WorkspaceIssuesCache.objects.count() - run.rows_planned
        sentence = (
            f"{counted(kept)} younger than that. An entry that is renewed before its turn"
            " comes is kept as well."
        )
        return [Verdict("What stays", Level.OK, sentence)]

    def proofs(self, run: Run, moment: Moment) -> list[Verdict]:
        left = _expired(run.params, Moment(run.planned_at)).count()
        name = "Nothing is left"
        if left:
            sentence = (
                f"{counted(left)} that expired before are still there. Plan again."
            )
            return [Verdict(name, Level.WARNING, sentence)]
        return [Verdict(name, Level.OK, "No entry that expired before is left.")]


def _expired(params: dict[str, Any], moment: Moment) -> Entries:
    before = moment.now - timedelta(days=params["days"])
    expired: Entries = WorkspaceIssuesCache.objects.expired(before)
    return expired
