"""What is to be said of a plan that limits the free tier."""

from collections.abc import Iterator

from django.conf import settings

from opsconsole.operations.catalog import intervals
from opsconsole.operations.models import Run
from opsconsole.operations.verdicts import Level, Verdict, counted, holds
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.web.formats import number

# The sync function takes a row without a priority before all others: above the CHECK's 100.
BEFORE_ALL = 101


def verdicts(run: Run, rows: Rows) -> Iterator[Verdict]:
    """`rows` are those that would be paused."""
    yield _really_that_many(run)
    yield from _fewer(run)
    yield _order(run)
    yield _calls_saved(rows)
    yield from _what_goes_on()


def _really_that_many(run: Run) -> Verdict:
    touched = run.summary["steps"][0]["workspaces"]
    chosen, of = len(run.facts["workspaces"]), run.facts["candidates"]
    return holds(
        "Exactly as many",
        touched == chosen <= run.params["how_many"],
        yes=f"{touched:,} of {of:,} free workspaces that have repositories in the sync.",
        no=f"{touched:,} workspaces would be touched instead of {chosen:,}. Do not use"
        " this plan.",
    )


def _fewer(run: Run) -> Iterator[Verdict]:
    chosen, wanted = len(run.facts["workspaces"]), run.params["how_many"]
    if chosen < wanted:
        have = "has" if chosen == 1 else "have"
        sentence = (
            f"{wanted:,} are asked for; {counted(chosen, 'free workspace')} {have}"
            " repositories in the sync."
        )
        yield Verdict("Fewer than asked for", Level.WARNING, sentence)


def _order(run: Run) -> Verdict:
    """So that two people who look at it choose the same ones."""
    first, *others = map(_priority_in_words, run.facts["priorities"])
    span = f"{first} to {others[-1]}" if others else first
    sentence = (
        "First those that their owners deleted, then by priority, the lowest first (a"
        " workspace's is the highest of its repositories), then whatever has been quiet"
        f" for longest, then by id. Priorities of the chosen ones: {span}."
    )
    return Verdict("Which ones", Level.NOTE, sentence)


def _priority_in_words(priority: int) -> str:
    return "not set" if priority == BEFORE_ALL else str(priority)


def _calls_saved(rows: Rows) -> Verdict:
    every: Rows = WorkspaceTrackedRepository.objects.syncing()
    load = intervals.load(every, rows, intervals.NEVER)
    now, then = number(load.now, 1), number(load.then, 1)
    if now == then:
        wanted = number(load.wanted, 1)
        sentence = (
            f"About none: {wanted} repositories an hour fall due even then, and the"
            f" schedule makes at most {now} calls an hour."
        )
        return Verdict("Calls saved", Level.WARNING, sentence)
    sentence = (
        f"About {number(load.now - load.then, 1)} calls an hour fewer: {then} instead of"
        f" {now}, at one call a sync on the schedule's grid of {settings.SCHEDULE_HOURS} h."
    )
    return Verdict("Calls saved", Level.OK, sentence)


def _what_goes_on() -> Iterator[Verdict]:
    yield Verdict(
        "What is added",
        Level.WARNING,
        "A repository that somebody adds to one of them syncs at once, and so does a new"
        " workspace: look again later.",
    )
    yield Verdict(
        "What goes on",
        Level.NOTE,
        "Other jobs of the platform use the same GitHub quota, and this frees none of"
        f" theirs. Scheduled runs fetch the last {settings.SCHEDULE_WINDOW_HOURS} h alone:"
        " of a longer pause the beginning stays missing.",
    )
