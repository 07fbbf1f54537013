from collections.abc import Iterator

from django.urls import reverse

from opsconsole.deployment.facts import HISTORY, Fact, State
from opsconsole.deployment.registry import check
from opsconsole.history import responses
from opsconsole.history.models import FunctionResponse

SHOWN = 3


@check("Last answers of the function", step=5, place=2, source=HISTORY)
def answers() -> Iterator[Fact]:
    """What did the function answer to this console's calls, refusals included?

    The schedule's calls are not among them: GitHub keeps their answers for itself.
    """
    kept = responses.newest(SHOWN)
    for response in kept:
        yield told(response)
    if not kept:
        sentence = (
            "This console has not called the function yet, or forgot the answers."
        )
        yield Fact("No answer", State.UNKNOWN, sentence, HISTORY)


def told(response: FunctionResponse) -> Fact:
    """One answer as a fact; HTTP 200 does not mean that anything was synced."""
    name = "Dry run" if response.dry_run else "Sync"
    state, sentence = _judged(response)
    refused = f"{reverse('workspaces:sync_health')}?word=refused"
    return Fact(
        name,
        state,
        sentence,
        HISTORY,
        link=refused if response.refused else "",
        link_words="Refused repositories",
        at=response.at,
    )


def _judged(response: FunctionResponse) -> tuple[State, str]:
    if response.status is None:
        return State.UNKNOWN, response.message
    if response.status != 200:
        said = f"It answered {response.status}: “{response.message}”."
        return State.WRONG, said
    if not response.named:
        return State.NOTE, f"It named no repository: “{response.message}”."
    return _judged_by_results(response)


def _judged_by_results(response: FunctionResponse) -> tuple[State, str]:
    """One that GitHub refuses is the repository's trouble; all of them is ours."""
    named = (
        f"{response.named:,} {'repository' if response.named == 1 else 'repositories'}"
    )
    if not response.refused:
        return State.FINE, f"It answered for {named}, and failed on none."
    sentence = f"It answered 200, and failed on {response.refused:,} of {named}."
    every = response.refused == response.named
    return State.WRONG if every else State.NOTE, sentence
