from collections.abc import Iterator

from django.utils import timezone

from opsconsole.deployment.facts import GITHUB, Fact, State
from opsconsole.deployment.looking import SECONDS
from opsconsole.deployment.registry import check
from opsconsole.integrations import github
from opsconsole.integrations.github_shapes import WorkflowRun
from opsconsole.platform import rules
from opsconsole.web import formats

NAME = "Punctual"
SHOWN = 5  # asked for
LISTED = 3
GREEN = (
    "A run is green as well when every repository failed: only the function's answer"
    " tells, which GitHub keeps in the run's log."
)


@check("Last runs of the workflow", step=6, place=2, source=GITHUB)
def schedule_runs() -> Iterator[Fact]:
    """How did they end, and does the schedule come when it should?"""
    runs = github.runs(github.client(timeout=SECONDS), size=SHOWN).runs
    if not runs:
        sentence = "The workflow has never run."
        yield Fact(
            "No run", State.MISSING, sentence, GITHUB, remedy="See the schedule."
        )
        return
    yield _punctual(runs[0])
    for run in runs[:LISTED]:
        yield _ended(run)
    if any(run.conclusion == "success" for run in runs[:LISTED]):
        yield Fact("Green is not success", State.NOTE, GREEN, GITHUB)


def _punctual(newest: WorkflowRun) -> Fact:
    now = timezone.now()
    age = formats.relative(newest.created_at, now)
    if newest.created_at >= rules.overdue_before(now):
        return Fact(NAME, State.FINE, f"The last run began {age}.", GITHUB)
    sentence = f"The last run began {age}: at least one run did not come."
    remedy = "See whether the schedule is on; GitHub itself may be late."
    return Fact(NAME, State.WRONG, sentence, GITHUB, remedy=remedy)


def _ended(run: WorkflowRun) -> Fact:
    age = formats.relative(run.created_at, timezone.now())
    begun = f"{run.event.replace('_', ' ')[:40]}, {age}"
    name = f"Run {run.number}"
    if not run.ended:
        sentence = f"Under way ({begun})."
        return Fact(name, State.NOTE, sentence, GITHUB, link=run.url)
    if run.conclusion == "success":
        return Fact(name, State.NOTE, f"Green ({begun}).", GITHUB, link=run.url)
    word = (run.conclusion or "without a conclusion").replace("_", " ")[:40]
    remedy = "Read its log at GitHub; the function was not called, or did not answer."
    sentence = f"It ended in {word} ({begun})."
    return Fact(name, State.WRONG, sentence, GITHUB, remedy=remedy, link=run.url)
