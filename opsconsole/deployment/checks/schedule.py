from collections.abc import Iterator

from django.conf import settings

from opsconsole.deployment.facts import GITHUB, Fact, Fix, State
from opsconsole.deployment.looking import SECONDS
from opsconsole.deployment.registry import check
from opsconsole.integrations import github
from opsconsole.integrations.github_shapes import Workflow

NAME = "The schedule"
LONGEST = 40  # characters of GitHub's word
WHY = {
    "disabled_manually": "somebody switched it off",
    "disabled_inactivity": "GitHub switched it off, as the repository saw no commit for 60 days",
    "disabled_fork": "GitHub switches it off in a fork",
}


@check(NAME, step=6, source=GITHUB)
def schedule() -> Iterator[Fact]:
    """Is the workflow on that calls the function every six hours?"""
    client = github.client(timeout=SECONDS)
    yield _fact(github.workflow(client))


def _fact(found: Workflow) -> Fact:
    if found.enabled:
        hours = settings.SCHEDULE_HOURS
        sentence = f"The workflow {settings.GITHUB_WORKFLOW} is on, every {hours:g} h."
        return Fact(NAME, State.FINE, sentence, GITHUB, link=found.url)
    if found.state == "deleted":
        sentence = f"The workflow {settings.GITHUB_WORKFLOW} has been deleted."
        remedy = "Bring its file back to the platform's default branch."
        return Fact(NAME, State.MISSING, sentence, GITHUB, remedy=remedy)
    why = WHY.get(found.state, f"GitHub calls it {found.state[:LONGEST]}")
    sentence = f"The workflow is off: {why}. Nothing is synced by itself."
    fix = Fix("Switch it on…", "switch-schedule", {"to": "on"})
    return Fact(NAME, State.WRONG, sentence, GITHUB, fix=fix, link=found.url)
