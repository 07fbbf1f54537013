from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django import forms

from opsconsole.integrations import errors, github
from opsconsole.operations.catalog import workflows
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import Call, Target
from opsconsole.operations.verdicts import Level, Verdict, counted


@register
class CancelWorkflowRuns(Operation):
    """Cancel the runs of the sync workflow that wait or are under way on GitHub.

    Runbook: "Stop All Syncs", `gh run cancel`. GitHub grants it later, and the call to the
    sync function that a run has made goes on to its end.
    """

    slug = "cancel-workflow-runs"
    title = "Cancel workflow runs"
    purpose = "emergency"
    risk = "elevated"
    icon = "circle-x"

    asks_outside = True

    class Form(forms.Form):
        """Nothing to choose: all that are not at their end."""

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        """Which runs; `problem` says why that is not known."""
        try:
            return {"runs": _running(), "problem": ""}
        except errors.ServiceError as error:
            return {"runs": [], "problem": str(error)}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[Call]:
        targets = [
            Target(
                uuid5(NAMESPACE_URL, str(one["id"])),
                f"Run {one['number']} ({one['event']}, {one['status']})",
                {"do": "cancel", "run_id": one["id"]},
            )
            for one in moment.facts["runs"]
        ]
        unknown = "GitHub grants it later; a run may end before."
        return [Call("Cancel", targets, "workflow", unknown=unknown)] if targets else []

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return counted(len(moment.facts["runs"]), "run")

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        if problem := run.facts["problem"]:
            return [Verdict("Runs under way", Level.BLOCKING, problem)]
        sentence = f"{counted(len(run.facts['runs']), 'run')} wait or are under way."
        return [Verdict("Runs under way", Level.OK, sentence)]


def _running() -> list[dict[str, Any]]:
    client = github.client(timeout=workflows.SECONDS)
    found = [
        one
        for word in github.UNDER_WAY
        for one in github.runs(client, status=word, size=100).runs
    ]
    return [
        {"id": one.id, "number": one.number, "event": one.event, "status": one.status}
        for one in found
    ]
