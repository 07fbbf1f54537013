"""The runbook's morning numbers beside ours, and what they hide.

Runbook: "Morning Health Check". Source of what they hide: the platform's reference, 3.3.3.
"""

from collections.abc import Callable
from typing import NamedTuple

from opsconsole.history.models import Sample
from opsconsole.operations.planning.guards import share
from opsconsole.web.formats import number


class Line(NamedTuple):
    """A number as the runbook's query has it, ours, and a sentence."""

    name: str  # of the query's column
    theirs: int | None  # None: there is nothing to count or to average
    unit: str
    ours: str
    hides: str


def lines(sample: Sample) -> list[Line]:
    """One line per column of the runbook's query."""
    return [
        Line(name, sample.runbook.get(name), unit, ours(sample), hides(sample))
        for name, unit, ours, hides in COLUMNS
    ]


def _workspaces(sample: Sample) -> str:
    workspaces = number(sum(sample.workspaces.values()))
    return f"{workspaces} workspaces, {number(sample.total)} tracked repositories"


def _rows_not_workspaces(sample: Sample) -> str:
    start = "Counts rows of tracked repositories, not workspaces"
    left_out = sample.total - (sample.runbook.get("total_workspaces") or 0)
    if not left_out:
        return f"{start}."
    syncing = number(sample.word_count("inactive but syncing"))
    return (
        f"{start}, and leaves out what is not active ({number(left_out)});"
        f" synced all the same: {syncing}."
    )


def _synced(sample: Sample) -> str:
    part = share(sample.synced_lately, sample.total) if sample.total else "none tracked"
    return f"{number(sample.synced_lately)} in the last 24 h, {part}"


def _old_successes(sample: Sample) -> str:
    stale = number(sample.flag_count("stale error"))
    return (
        f"Never expires: a success of last month still counts. With an error left over:"
        f" {stale}."
    )


def _failing(sample: Sample) -> str:
    repeatedly = sample.word_count("failing repeatedly")
    failed = repeatedly + sample.word_count("failed")
    return f"{number(failed)} failing, {number(repeatedly)} of them repeatedly"


def _unwritten_failures(sample: Sample) -> str:
    refused = number(sample.word_count("refused"))
    late = number(sample.word_count("overdue", "starved"))
    return (
        "Only exceptions are written down: what GitHub refuses leaves no trace here."
        f" Known to be refused: {refused}; overdue or starved: {late}."
    )


def _age(sample: Sample) -> str:
    return f"{number(sample.flag_count('coverage gap'))} with a coverage gap"


def _no_bucket(sample: Sample) -> str:
    never = number(sample.word_count("never synced"))
    return (
        "An average of those that synced at all; a failure counts as a sync, and rows"
        f" never synced ({never} that are not late yet) are in no number of the four."
    )


Words = Callable[[Sample], str]
COLUMNS: tuple[tuple[str, str, Words, Words], ...] = (
    ("total_workspaces", "", _workspaces, _rows_not_workspaces),
    ("successful", "", _synced, _old_successes),
    ("failed", "", _failing, _unwritten_failures),
    ("avg_hours_since_sync", "h", _age, _no_bucket),
)
