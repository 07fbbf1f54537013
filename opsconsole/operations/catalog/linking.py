"""What is to be said of a plan that links repositories."""

from collections.abc import Iterator

from opsconsole.operations.models import Run
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceRepositoryQuerySet as Links
from opsconsole.platform.rules import schedule_rounds

NAMED = 3  # repositories called by name in a sentence


def verdicts(run: Run, links: Links) -> Iterator[Verdict]:
    """`links` are those of the chosen workspaces, in whatever state."""
    yield from _untracked(links)
    if run.rows_planned:
        yield from _without_adder(links)
        yield _when(run)
        yield from _while_stopped()


def _untracked(links: Links) -> Iterator[Verdict]:
    """They are silently never linked: the trigger leaves them out with a notice."""
    untracked = links.untracked()
    total = untracked.count()
    if not total:
        return
    names = untracked.values_list("repository__full_name", flat=True).distinct()
    shown = [*names.order_by("repository__full_name")[:NAMED]]
    more = names.count() - len(shown)
    sentence = (
        f"{counted(total)} cannot be linked, as nobody tracks the repository:"
        f" {', '.join(shown)}{f' and {more:,} more' if more else ''}. Have the platform"
        " track them, then link again: nothing links them by itself."
    )
    yield Verdict("Not tracked", Level.NOTE, sentence)


def _without_adder(links: Links) -> Iterator[Verdict]:
    if nobody := links.unlinked().filter(added_by=None).count():
        sentence = (
            f"Of {counted(nobody)} it is not known who added the repository: the"
            " workspace's owner is put down."
        )
        yield Verdict("Added by", Level.NOTE, sentence)


def _when(run: Run) -> Verdict:
    rounds = schedule_rounds(run.rows_planned)
    sentence = (
        "They are due at once, every 24 h from then on, as if they had just been added."
        f" The schedule needs at least {counted(rounds, 'run')} to take all of them."
    )
    return Verdict("When they sync", Level.NOTE, sentence)


def _while_stopped() -> Iterator[Verdict]:
    """A stop is not sticky: a new row syncs whatever the others do."""
    rows = WorkspaceTrackedRepository.objects
    if rows.exists() and not rows.syncing().exists():
        sentence = (
            "No repository is in the sync at present: somebody may have stopped all. The"
            " new ones would sync all the same."
        )
        yield Verdict("Everything is stopped", Level.WARNING, sentence)
