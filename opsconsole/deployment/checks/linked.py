from collections.abc import Iterator

from django.urls import reverse

from opsconsole.deployment import links
from opsconsole.deployment.facts import CATALOGS, HISTORY, ROWS, Fact, Fix, State
from opsconsole.deployment.links import Named
from opsconsole.deployment.looking import Unread, from_platform
from opsconsole.deployment.registry import check
from opsconsole.history import samples
from opsconsole.operations.verdicts import counted

ALL = "All of them"


@check("Repositories linked", step=2, source=ROWS)
def linked() -> Iterator[Fact]:
    """Does the sync know every repository that a workspace shows?

    Runbook: "Quick Start Deployment", step 2, whose script is gone from the repository.
    """
    try:
        total, unlinked, untracked = from_platform(_counted, *links.READS)
    except Unread as error:
        yield from _as_sampled(error)
        return
    yield _unlinked(total, unlinked)
    yield _untracked(untracked)
    yield _trigger(from_platform(lambda: (links.trigger_is_awake(),))[0])


def _counted() -> tuple[int, Named, Named]:
    living = links.living()
    unlinked, untracked = living.unlinked(), living.untracked()
    return living.count(), links.named(unlinked), links.named(untracked)


def _as_sampled(error: Unread) -> Iterator[Fact]:
    """What was counted last, where the platform cannot be asked in a page's time."""
    sample = samples.newest()
    if error.state == State.MISSING or sample is None:
        raise error
    counts = {"Unlinked": sample.unlinked, "Untracked": sample.untracked}
    yield Fact("Repositories linked", State.UNKNOWN, str(error), ROWS)
    for name, number in counts.items():
        if number is not None:
            state = State.MISSING if number else State.FINE
            links = counted(number, "link")
            sentence = (
                f"{links} when they were counted last, deleted workspaces included."
            )
            yield Fact(name, state, sentence, HISTORY, at=sample.at)


def _unlinked(total: int, unlinked: Named) -> Fact:
    name = "Unlinked"
    if not total:
        return Fact(name, State.NOTE, "No workspace has a repository yet.", ROWS)
    if not unlinked.total:
        sentence = f"Of {counted(total, 'link')} to a repository that is tracked, each has its row in the sync."
        return Fact(name, State.FINE, sentence, ROWS)
    number = counted(unlinked.total, "link")
    sentence = f"{number} of {total:,} without a row in the sync: {unlinked.in_words}."
    fix = Fix("Link them…", "link-repositories")
    return Fact(
        name,
        State.MISSING,
        sentence,
        ROWS,
        fix=fix,
        link=reverse("workspaces:unsynced"),
        link_words=ALL,
    )


def _untracked(untracked: Named) -> Fact:
    name = "Untracked"
    if not untracked.total:
        sentence = "The platform tracks every repository that a workspace shows."
        return Fact(name, State.FINE, sentence, ROWS)
    sentence = (
        f"{counted(untracked.total, 'link')} to a repository that nobody tracks, so that"
        f" it cannot be linked: {untracked.in_words}."
    )
    remedy = (
        "Have the platform track them, then link again: nothing links them by itself."
    )
    return Fact(
        name,
        State.MISSING,
        sentence,
        ROWS,
        remedy,
        link=reverse("workspaces:unsynced"),
        link_words=ALL,
    )


def _trigger(awake: bool | None) -> Fact:
    name = "Linked by itself"
    if awake:
        sentence = "A trigger links each repository that is added from now on."
        return Fact(name, State.FINE, sentence, CATALOGS)
    if awake is None:
        sentence = "The trigger trg_sync_workspace_tracked_repos does not exist: what people add is never synced."
        state, remedy = State.MISSING, "Apply the platform's migration 20260319000001."
    else:
        sentence = "The trigger trg_sync_workspace_tracked_repos is switched off: what people add is never synced."
        state, remedy = State.WRONG, "Switch it on: ALTER TABLE … ENABLE TRIGGER …."
    return Fact(name, state, sentence, CATALOGS, remedy=remedy)
