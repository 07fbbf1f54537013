from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django import forms

from opsconsole.integrations import github
from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import Call, Target
from opsconsole.operations.verdicts import Level, Verdict

TEXT = """What happened:

Since when:

Who is affected:

What was tried:
"""


@register
class ReportUrgentProblem(Operation):
    """Open an issue labelled `urgent` in the platform's repository on GitHub.

    Runbook: "Escalation", which says to do it by hand. The issue is as public as the
    repository: name no customer and paste no secret.
    """

    slug = "report-urgent-problem"
    title = "Report an urgent problem"
    purpose = "emergency"
    risk = "routine"
    icon = "megaphone"

    class Form(forms.Form):
        """What is wrong."""

        title = forms.CharField(
            max_length=200, help_text="In one line; everybody can read it."
        )
        text = forms.CharField(
            widget=forms.Textarea, max_length=10_000, initial=TEXT, strip=False
        )

    def steps(self, params: dict[str, Any], moment: Moment) -> list[Call]:
        request = {
            "title": params["title"],
            "body": params["text"],
            "labels": ["urgent"],
        }
        key = uuid5(NAMESPACE_URL, params["title"])
        target = Target(key, params["title"], request)
        return [Call("Open an issue", [target], "github-issue")]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return str(params["title"])

    def invariants(self, run: Run, moment: Moment) -> list[Verdict]:
        if github.configured():
            sentence = (
                "Everybody who sees the repository reads it, and nothing takes it back."
            )
            return [Verdict("Public", Level.WARNING, sentence)]
        missing = ", ".join(github.SERVICE.missing())
        sentence = f"The console has no access to GitHub: set {missing}."
        return [Verdict("GitHub", Level.BLOCKING, sentence)]
