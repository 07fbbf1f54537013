"""The states a repository's sync can be in, one function each.

What the sync function writes decides what is plausible: an exception leaves
`next_sync_at` in the past, a GitHub error or a quiet repository leaves the whole row as
it was, a success clears neither the error nor the attempts.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from opsconsole.sandbox.generator.world import SCHEDULE, Dice, World

STALE_ERROR = 0.03  # of the successful rows carry an old error


class SyncState(NamedTuple):
    """The columns that tell how a sync goes; `failure` says that an error text belongs here."""

    last_sync_at: datetime | None
    next_sync_at: datetime | None
    status: str | None = None
    failure: bool = False
    attempts: int = 0
    fetched: int = 0
    fetch_issues: bool = True
    is_active: bool = True


Condition = Callable[[World, Dice, float], SyncState]  # of an interval in hours


def ok(world: World, dice: Dice, hours: float) -> SyncState:
    """Synced by the schedule less than one interval ago."""
    moment = world.ago(hours=hours * dice.uniform(0.01, 0.99))
    on_schedule = world.scheduled(moment, dice)
    fresh = on_schedule + timedelta(hours=hours) > world.now
    return _success(dice, hours, on_schedule if fresh else moment)


def due(world: World, dice: Dice, hours: float) -> SyncState:
    """Waits for the next schedule."""
    return _success(dice, hours, world.scheduled(world.ago(hours=hours), dice))


def overdue(world: World, dice: Dice, hours: float) -> SyncState:
    """Passed over for days: quiet, or refused by GitHub on the first page."""
    late = min(21 * 24, 8 + dice.expovariate(1 / 60))
    return _success(dice, hours, world.ago(hours=hours + late))


def failed(world: World, dice: Dice, hours: float) -> SyncState:
    """Threw an exception at the last schedules, one to three times."""
    return _failure(world, dice, dice.randint(1, 3))


def failing_repeatedly(world: World, dice: Dice, hours: float) -> SyncState:
    """Threw an exception four to nine times. Runbook: the alert's condition."""
    return _failure(world, dice, dice.randint(4, 9))


def never_synced(world: World, dice: Dice, hours: float) -> SyncState:
    """Added a moment ago, due at once."""
    return SyncState(
        last_sync_at=None, next_sync_at=world.ago(hours=dice.uniform(0, 5))
    )


def never_scheduled(world: World, dice: Dice, hours: float) -> SyncState:
    """Taken out by hand: the function never selects a row without a next sync."""
    return overdue(world, dice, hours)._replace(next_sync_at=None)


def issues_disabled(world: World, dice: Dice, hours: float) -> SyncState:
    """Selected at every schedule since it was added, and left as it is."""
    return SyncState(
        last_sync_at=None, next_sync_at=world.ago(days=dice.uniform(1, 60))
    )


def paused(world: World, dice: Dice, hours: float) -> SyncState:
    """Switched off for good; half of them inactive as well."""
    state = overdue(world, dice, hours)
    return state._replace(fetch_issues=False, is_active=dice.chance(0.5))


def inactive(world: World, dice: Dice, hours: float) -> SyncState:
    """Switched off as the runbook does it, which does not stop the function."""
    state = dice.choice((ok, ok, due, overdue))(world, dice, hours)
    return state._replace(is_active=False)


USUAL: dict[Condition, float] = {
    ok: 0.79,
    due: 0.12,
    overdue: 0.026,
    paused: 0.022,
    inactive: 0.022,
    never_synced: 0.013,
    never_scheduled: 0.007,
}
TROUBLED: dict[Condition, float] = USUAL | {failed: 0.22, failing_repeatedly: 0.12}


def _success(dice: Dice, hours: float, moment: datetime) -> SyncState:
    stale = dice.chance(STALE_ERROR)
    return SyncState(
        last_sync_at=moment,
        next_sync_at=moment + timedelta(hours=hours),
        status="success",
        failure=stale,
        attempts=dice.randint(1, 3) if stale else 0,
        fetched=min(500, 1 + int(dice.expovariate(1 / 14))),
    )


def _failure(world: World, dice: Dice, attempts: int) -> SyncState:
    """Each schedule since `next_sync_at` has tried once more."""
    return SyncState(
        last_sync_at=world.scheduled(world.ago(minutes=20), dice),
        next_sync_at=world.scheduled(world.now - SCHEDULE * attempts, dice),
        status="failed",
        failure=True,
        attempts=attempts,
        fetched=int(dice.expovariate(1 / 10)),
    )
