"""Who goes first when runs write the same columns of the same table.

An ordinary run waits behind the last of those before it. An emergency waits for nobody:
it asks the others to pause, and whoever comes later waits behind it. Places are given
under a lock, in the transaction that queues or starts a run, so that no two runs ever
see each other half queued.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest, Now

from opsconsole.operations.expiry import CONFIRMED
from opsconsole.operations.models import Run
from opsconsole.operations.risks import Risk
from opsconsole.operations.states import State

LINE = 0x0A0D18  # advisory lock: one run at a time takes a place
# What a worker grants a pause; a verifying run writes nothing any more.
PAUSABLE = (State.QUEUED, State.APPLYING, State.WAITING)


@dataclass(frozen=True)
class Ground:
    """What a step writes: columns of a table, or with None the whole table."""

    table: str
    columns: frozenset[str] | None

    def overlaps(self, other: "Ground") -> bool:
        if self.table != other.table:
            return False
        if self.columns is None or other.columns is None:
            return True
        return not self.columns.isdisjoint(other.columns)


def enter(run: Run) -> list[Run]:
    """Give a run its place, in the transaction that queues it and before its state moves.

    Answers with the runs that an emergency asked to pause: the caller nudges them, and
    puts it into the audit, which comes last.
    """
    lock()
    _let_go(run)
    overlapping = _overlapping(run)
    emergency = run.risk == Risk.EMERGENCY
    last = None if emergency else _last(overlapping)
    Run.objects.filter(pk=run.pk).update(behind=last)
    return [one for one in overlapping if _ask_to_pause(one, run)] if emergency else []


def may_start(run: Run) -> bool:
    """Whether a queued run is first in its line, in the transaction that starts it.

    A run that has become free of one may still have another before it: then it is put
    behind that one, and no worker takes it before that one has ended.
    """
    lock()
    before = [other for other in _overlapping(run) if _is_before(other, run)]
    last = None if run.risk == Risk.EMERGENCY else _last(before)
    Run.objects.filter(pk=run.pk).update(behind=last)
    return last is None


def emergency_on(run: Run) -> Run | None:
    """The living emergency for which a paused run must stay so; None when there is none.

    Two emergencies that both pause would wait for each other for ever: the paused one
    is in no other emergency's way.
    """
    for other in _overlapping(run):
        if other.risk == Risk.EMERGENCY and not (
            run.risk == Risk.EMERGENCY and other.state == State.PAUSED
        ):
            return other
    return None


def sentence(run: Run) -> str:
    """For whom a queued run waits; empty when it waits for nobody."""
    before = run.behind
    if before is None or run.state != State.QUEUED or not before.is_live:
        return ""
    by = before.pause_requested_by
    paused = f" by {by.username}" if by and before.state == State.PAUSED else ""
    return (
        f"Behind run {before.pk} ({before.title}, {before.state}{paused}):"
        " it starts when that one has ended."
    )


def lock() -> None:
    """Nobody else takes, leaves or looks for a place until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LINE])


def _overlapping(run: Run) -> list[Run]:
    """The other living runs that write what this one writes."""
    mine = list(_grounds(run))
    if not mine:
        return []
    others = Run.objects.live().exclude(pk=run.pk).defer("summary", "facts")
    return [
        other
        for other in others.order_by("pk").prefetch_related("steps")
        if any(ours.overlaps(one) for ours in mine for one in _grounds(other))
    ]


def _grounds(run: Run) -> Iterator[Ground]:
    """Statements and calls write no rows of a table, so they are in nobody's way."""
    for step in run.steps.all():
        if step.kind == "change rows":
            yield Ground(step.table, frozenset(step.columns))
        elif step.kind not in ("statement", "call"):
            yield Ground(step.table, None)
        if step.kind == "move rows":
            yield Ground(step.spec["to"], None)


def _last(runs: list[Run]) -> Run | None:
    return max(runs, key=_place, default=None)


def _place(run: Run) -> tuple[datetime, int]:
    """What orders a line: queued later means behind."""
    return run.queued_at or run.created_at, run.pk


def _is_before(other: Run, run: Run) -> bool:
    begun = other.state != State.QUEUED
    return begun or other.risk == Risk.EMERGENCY or _place(other) < _place(run)


def _let_go(run: Run) -> None:
    """Whoever waits for a run that lost its place no longer does, and has time to begin."""
    fresh = Greatest(F("expires_at"), Now() + CONFIRMED)
    Run.objects.filter(behind=run).update(behind=None, expires_at=fresh)


def _ask_to_pause(other: Run, emergency: Run) -> bool:
    """Whether it was asked now: a pausing or paused one need not be."""
    pausable = Run.objects.filter(
        pk=other.pk, state__in=PAUSABLE, pause_requested_by=None
    )
    asked = pausable.update(
        pause_requested_by=emergency.requested_by,
        pause_reason=f"Run {emergency.pk} is an emergency",
        wait_until=None,  # a worker takes a waiting one at once, to grant it
    )
    if asked:
        other.say(f"Asked to pause: run {emergency.pk} is an emergency.")
    return bool(asked)
