from typing import Any

from django.conf import settings
from django.db.models import Q

from opsconsole.operations.catalog.base import register
from opsconsole.operations.catalog.on_repositories import OnRepositories
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict
from opsconsole.platform.models import WorkspaceTrackedRepository


@register
class PauseRepository(OnRepositories):
    """Take a repository out of the sync until somebody resumes it.

    Runbook: "Stop All Syncs" sets is_active to false, which the sync function does not
    read: such rows go on syncing. Ours sets fetch_issues, which it does read, and leaves
    is_active as it is. Stopping everything is an emergency: "Stop all syncs".
    """

    slug = "pause-repository"
    title = "Pause repository"
    purpose = "daily"
    risk = "routine"
    icon = "circle-pause"
    writes = {WorkspaceTrackedRepository: ("fetch_issues",)}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {"fetch_issues": False}
        return [self.change("Switch fetch_issues off", params, moment, values)]

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [_what_stops(), _what_is_lost()]

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return Q(fetch_issues=False)


def _what_stops() -> Verdict:
    return Verdict(
        "What stops",
        Level.NOTE,
        "The sync function takes the repository no more, whoever calls it. A run that has"
        " begun ends as it would have. is_active stays as it is.",
    )


def _what_is_lost() -> Verdict:
    hours = settings.SCHEDULE_WINDOW_HOURS
    sentence = (
        f"Scheduled runs fetch the last {hours} h alone: of a longer pause the beginning"
        " stays missing after it is resumed."
    )
    return Verdict("Coverage gap", Level.NOTE, sentence)
