from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_workspaces import WorkspacesForm
from opsconsole.operations.catalog.resume_repository import ResumeRepository
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.verdicts import Level, Verdict


@register
class ResumeWorkspace(ResumeRepository):
    """Let the sync take all repositories of a workspace again.

    Runbook: "Stop All Syncs" has no way back that knows which rows were off before. Ours
    sets fetch_issues of every repository of the workspace, also of those that somebody
    paused for a reason of their own; to put back exactly what a pause has changed, undo
    that run.
    """

    slug = "resume-workspace"
    title = "Resume workspace"
    icon = "square-play"

    class Form(WorkspacesForm):
        """Which workspaces."""

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [*super().invariants(run, moment), _all_of_them()]


def _all_of_them() -> Verdict:
    return Verdict(
        "All of them",
        Level.NOTE,
        "Also what was paused before the workspace was. To put back exactly what a pause"
        " has changed, undo its run.",
    )
