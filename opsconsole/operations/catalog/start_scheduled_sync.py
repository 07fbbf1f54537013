from typing import Any

from django import forms

from opsconsole.operations.catalog import waves, workflows
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.catalog.switch_schedule import state_verdict
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import Call
from opsconsole.operations.verdicts import Level, Verdict

MOST = 100  # rows; the workflow's call has 180 s for its answer


@register
class StartScheduledSync(Operation):
    """Start a run of the sync workflow on GitHub, as the schedule does.

    Runbook: "Manual trigger", `gh workflow run`. It takes what is due, of one workspace or
    of all, by priority and up to the limit: to sync chosen repositories use Force sync.
    """

    slug = "start-scheduled-sync"
    title = "Start a scheduled sync"
    purpose = "maintenance"
    risk = "elevated"
    icon = "play"

    asks_outside = True

    class Form(forms.Form):
        """The workflow's inputs."""

        workspace = forms.UUIDField(
            required=False, help_text="Id of a workspace. Empty: all of them."
        )
        limit = forms.IntegerField(
            min_value=1,
            max_value=MOST,
            initial=20,
            label="At most",
            help_text=f"1 to {MOST} repositories; the schedule takes 20.",
        )
        hours_back = forms.IntegerField(
            min_value=1,
            max_value=waves.MOST_HOURS,
            initial=24,
            label="Hours back",
            help_text=f"1 to {waves.MOST_HOURS} hours; the schedule fetches 24.",
        )
        dry_run = forms.BooleanField(
            required=False,
            label="Dry run",
            help_text="The function fetches and writes nothing; GitHub's quota is spent.",
        )

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        return {"workflow": workflows.state()}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[Call]:
        if moment.facts["workflow"] == workflows.NOT_OURS:
            return []
        inputs = {name: params[name] for name in ("limit", "hours_back")}
        request = {
            "do": "dispatch",
            "workspace": params["workspace"],
            "dry_run": bool(params["dry_run"]),
            **inputs,
        }
        return [workflows.call("Start a run of the workflow", request)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        of = params["workspace"] or "all workspaces"
        return f"{params['limit']} of {of}, {params['hours_back']} h back"

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        now = run.facts["workflow"]
        if now == workflows.OFF:
            sentence = "It is off, and GitHub starts no run: switch it on first."
            return [Verdict("The schedule now", Level.BLOCKING, sentence)]
        return [state_verdict(now)]
