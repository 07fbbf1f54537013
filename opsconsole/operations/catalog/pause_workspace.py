from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_workspaces import WorkspacesForm
from opsconsole.operations.catalog.pause_repository import PauseRepository
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning import guards
from opsconsole.operations.verdicts import Level, Verdict, counted


@register
class PauseWorkspace(PauseRepository):
    """Take all repositories of a workspace out of the sync until somebody resumes them.

    Runbook: "Stop All Syncs" and "Rate Limit Emergency", step 3, set is_active to false,
    which the sync function does not read. Ours sets fetch_issues of each of the
    workspace's repositories. What its people add later syncs all the same: the platform's
    trigger makes such a row active and due at once.
    """

    slug = "pause-workspace"
    title = "Pause workspace"
    icon = "square-pause"

    class Form(WorkspacesForm):
        """Which workspaces."""

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        paid = guards.of_paid_tiers(run)
        return [*super().invariants(run, moment), *paid, _what_is_added()]

    def proofs(self, run: Run, moment: Moment) -> list[Verdict]:
        """That none of their repositories syncs: rows may have been made meanwhile."""
        name = "They sync no more"
        if syncing := self.rows(run.params, moment).syncing().count():
            sentence = (
                f"{counted(syncing)} in the sync: added or switched on since the plan."
                " Pause the workspace once more."
            )
            return [Verdict(name, Level.WARNING, sentence)]
        return [Verdict(name, Level.OK, "None of their repositories is in the sync.")]


def _what_is_added() -> Verdict:
    return Verdict(
        "What is added",
        Level.NOTE,
        "A repository that somebody adds to the workspace later syncs, and one that is"
        " removed and added again does too.",
    )
