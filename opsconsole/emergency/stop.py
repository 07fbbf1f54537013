"""The stop that holds now: which runs made it, who, why, and since when."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from opsconsole.emergency.models import StopCheck
from opsconsole.operations.models import Run, RunQuerySet
from opsconsole.operations.states import UNDOABLE, State

STOP = "stop-all-syncs"
APPLIED = (State.APPLIED, State.APPLIED_WITH_PROBLEMS)
SHOWN = (
    "operation",
    "title",
    "state",
    "reason",
    "planned_at",
    "started_at",
    "finished_at",
    "rows_written",
    "requested_by__username",
)


@dataclass(frozen=True)
class Stop:
    """Runs of which nothing has been taken back, the oldest first; at least one.

    A second stop catches what was added since the first one, and both hold.
    """

    runs: tuple[Run, ...]

    @property
    def first(self) -> Run:
        """The one that began it: its reason and its author are the stop's."""
        return self.runs[0]

    @property
    def last(self) -> Run:
        """The one after which nothing should have synced."""
        return self.runs[-1]

    @property
    def since(self) -> datetime:
        return began(self.first)

    @property
    def ended(self) -> datetime:
        """When the last row was taken out of the sync."""
        return self.last.finished_at or self.last.planned_at

    @property
    def is_whole(self) -> bool:
        """Whether a run came to its end; else one was cancelled or failed on its way."""
        return any(run.state in APPLIED for run in self.runs)


def current() -> Stop | None:
    """The stop that holds now; one query unless the time for its undo is over."""
    found = _holding().select_related("requested_by").only(*SHOWN)
    runs = tuple(found.order_by("pk"))
    if not runs:
        return None
    stop = Stop(runs)
    return None if _was_resumed_by_hand(stop) else stop


def last_resumed() -> Run | None:
    """The newest stop that was taken back, for what is to be caught up since."""
    taken_back = _stops().filter(state=State.UNDONE)
    in_part = _stops().filter(state__in=UNDOABLE, undos__state__in=APPLIED)
    found: Run | None = (taken_back | in_part).distinct().order_by("-pk").first()
    return found


def underway() -> Run | None:
    """A stop, or the undo of one, that is confirmed and not at its end."""
    live = Run.objects.live().filter(operation=STOP)
    found: Run | None = live.select_related("requested_by").order_by("-pk").first()
    return found


def newest_check(stop: Stop) -> StopCheck | None:
    found: StopCheck | None = (
        StopCheck.objects.filter(run=stop.last).order_by("-at").first()
    )
    return found


def began(run: Run) -> datetime:
    """When it switched the first row."""
    return run.started_at or run.planned_at


def _stops() -> RunQuerySet:
    return Run.objects.filter(operation=STOP, undo_of=None)


def _holding() -> RunQuerySet:
    """Runs that wrote rows and were not taken back, not even in part."""
    written = _stops().filter(state__in=UNDOABLE, rows_written__gt=0)
    return written.exclude(undos__state__in=APPLIED)


def _was_resumed_by_hand(stop: Stop) -> bool:
    """Without an undo nothing else tells that a stop of long ago is over."""
    until = stop.last.undo_until
    if until is None or timezone.now() < until:
        return False
    check = newest_check(stop)
    return bool(check and check.syncing)
