from typing import Any

from django import forms

from opsconsole.operations.catalog import workflows
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import Call
from opsconsole.operations.verdicts import Level, Verdict

WORDS = {"on": True, "off": False}


@register
class SwitchSchedule(Operation):
    """Switch the workflow on or off that starts the sync function every six hours.

    Runbook: "Enable/disable the workflow", `gh workflow enable|disable`. Its commands
    say nothing of the state before; ours reads it, and reads it back. GitHub itself
    switches it off after 60 days without a commit (disabled_inactivity).
    """

    slug = "switch-schedule"
    title = "Switch the schedule"
    purpose = "maintenance"
    risk = "elevated"
    icon = "power"

    asks_outside = True

    class Form(forms.Form):
        """On or off."""

        to = forms.ChoiceField(
            choices=[("on", "on"), ("off", "off")],
            label="Switch it",
            help_text="Off: no scheduled run starts; a run that has begun goes on.",
        )

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        return {"workflow": workflows.state()}

    def steps(self, params: dict[str, Any], moment: Moment) -> list[Call]:
        on, state = WORDS[params["to"]], moment.facts["workflow"]
        return [*workflows.switch(on=on, state=state, optional=False)]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return str(params["to"])

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        return [state_verdict(run.facts["workflow"])]


def state_verdict(state: str) -> Verdict:
    """How the workflow is before; blocking where the console has no access."""
    if state == workflows.NOT_OURS:
        sentence = (
            "The console has no access to GitHub: set OPSCONSOLE_GITHUB_TOKEN and"
            " OPSCONSOLE_GITHUB_REPOSITORY."
        )
        return Verdict("The schedule now", Level.BLOCKING, sentence)
    known = state != workflows.UNKNOWN
    sentence = f"It is {state}." if known else "GitHub does not say whether it is on."
    return Verdict("The schedule now", Level.OK if known else Level.NOTE, sentence)
