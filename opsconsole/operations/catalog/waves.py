"""Sync chosen repositories now: which calls it takes, and the steps around them.

The sync function cannot be told which repositories to take: it takes what is due in a
workspace, by priority, up to a limit, and leaves what has nothing new due for ever. So
everything that is or falls due in these workspaces is put off; then, wave by wave, the
chosen ones alone are due, the function is called, and what it left is put off again; in
the end each row that it did not sync has the moment back that it had.
Source: `workspace-issues-sync`, selection and limit; platform: 150 s for an answer.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Any
from uuid import UUID, uuid5

from django.db.models import F, Q

from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import Call, ChangeRows, StepSpec, Target
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

AWAY = timedelta(hours=12)  # rows wait; two schedules, should nobody put them back
NEVER_SYNCED = 168  # hours to reach back for a repository that was never synced
LEAST_HOURS, MOST_HOURS = 24, 720  # to reach back
SIZES = ((48, 20), (168, 10), (MOST_HOURS, 5))  # hours back, up to -> rows a call takes
TAKEN = "the sync function was faster, and their next sync is its own"
MOST_CALLS = 5  # GitHub calls the function makes for one repository: pages of issues


@dataclass(frozen=True)
class Wave:
    """What one call is to take: rows of one workspace."""

    workspace: str
    name: str
    rows: list[str]
    hours_back: int


def waves(rows: Rows, now: datetime, hours_back: int | None = None) -> list[Wave]:
    """The chosen rows in calls: by workspace, as far back as their oldest sync is.

    Without `hours_back` each wave covers the gap of its own rows.
    """
    found = rows.order_by("workspace_id", "last_sync_at", "pk")
    placed = found.values_list("workspace_id", "workspace__name", "pk", "last_sync_at")
    made: list[Wave] = []
    for (workspace, name), of_it in groupby(placed, key=lambda row: row[:2]):
        made += _of_workspace(str(workspace), name, list(of_it), now, hours_back)
    return made


def facts(made: Iterable[Wave]) -> dict[str, Any]:
    """The waves as a plan keeps them."""
    return {"waves": [asdict(wave) for wave in made]}


def kept(moment: Moment) -> list[Wave]:
    return [Wave(**wave) for wave in moment.facts["waves"]]


def rows_of(made: Iterable[Wave]) -> int:
    return sum(len(wave.rows) for wave in made)


def steps(made: list[Wave], moment: Moment, *, dry_run: bool) -> Iterator[StepSpec]:
    """Put off, the rounds, put back. A round has one wave of each workspace at most."""
    if not made:
        return
    later, now = moment.now + AWAY, moment.now
    rounds = [*_rounds(made)]
    aside = _aside(made, later)
    inside = _every().filter(workspace_id__in={wave.workspace for wave in made})
    yield _moved("Put off what is due there", aside, later, again=inside)
    for number, one in enumerate(rounds, start=1):
        name = f"Round {number} of {len(rounds)}" if len(rounds) > 1 else "The sync"
        rows = _every().filter(pk__in=[pk for wave in one for pk in wave.rows])
        yield _moved(f"{name}: make these due", rows, now, held=later)
        yield _call(name, one, dry_run=dry_run)
        yield _moved(
            f"{name}: put off what it left", rows, later, held=now, expected=TAKEN
        )
    yield _moved(
        "Put back what was not synced",
        aside,
        F("next_sync_at"),
        held=later,
        again=inside,
        expected=TAKEN,
    )


def _of_workspace(
    workspace: str,
    name: str,
    rows: list[Any],
    now: datetime,
    hours_back: int | None,
) -> Iterator[Wave]:
    """Those longest ago first, so that rows with a like gap share a call."""
    remaining = iter(rows)
    while first := next(remaining, None):
        hours = hours_back or _gap(first[3], now)
        size = next(size for limit, size in SIZES if hours <= limit)
        taken = [first, *islice(remaining, size - 1)]
        yield Wave(workspace, name, [str(row[2]) for row in taken], hours)


def _gap(last: datetime | None, now: datetime) -> int:
    """Whole hours since a row's last sync, and one more for clocks that differ."""
    if last is None:
        return NEVER_SYNCED
    hours = math.ceil((now - last) / timedelta(hours=1)) + 1
    return min(max(hours, LEAST_HOURS), MOST_HOURS)


def _rounds(made: list[Wave]) -> Iterator[list[Wave]]:
    """The nth wave of each workspace."""
    left = [list(of_it) for _, of_it in groupby(made, key=lambda wave: wave.workspace)]
    while left := [waiting for waiting in left if waiting]:
        yield [waiting.pop(0) for waiting in left]


def _every() -> Rows:
    rows: Rows = WorkspaceTrackedRepository.objects.all()
    return rows


def _aside(made: list[Wave], later: datetime) -> Rows:
    """What is due in these workspaces before the rows are put back, and the chosen ones."""
    chosen = [pk for wave in made for pk in wave.rows]
    due = Q(next_sync_at__lt=later)
    inside = _every().filter(workspace_id__in={wave.workspace for wave in made})
    return inside.filter(due | Q(pk__in=chosen))


def _moved(
    title: str,
    rows: Rows,
    to: Any,
    *,
    held: datetime | None = None,
    again: Rows | None = None,
    expected: str = "",
) -> ChangeRows:
    """Only the first one can be undone: it has the moments that the rows had before."""
    return ChangeRows(
        title,
        rows,
        {"next_sync_at": to},
        held={} if held is None else {"next_sync_at": held},
        again=rows if again is None else again,
        expected=expected,
        passing=held is not None,
    )


def _call(name: str, one: list[Wave], *, dry_run: bool) -> Call:
    """Optional: whatever becomes of it, the rows get their moments back."""
    unknown = (
        "Which of them GitHub refuses, and how much is new, is known afterwards: it is"
        " kept for each repository that the function names."
    )
    targets = [_target(wave, dry_run=dry_run) for wave in one]
    title = f"{name}: call the sync function"
    return Call(title, targets, "sync-function", unknown=unknown, optional=True)


def _target(wave: Wave, *, dry_run: bool) -> Target:
    request = {
        "workspace": wave.workspace,
        "limit": len(wave.rows),
        "hours_back": wave.hours_back,
        "dry_run": dry_run,
        "rows": wave.rows,
    }
    label = f"{wave.name}: {len(wave.rows)}, {wave.hours_back} h back"
    return Target(uuid5(UUID(wave.workspace), wave.rows[0]), label, request)
