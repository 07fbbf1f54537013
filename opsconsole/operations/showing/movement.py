"""Who moves a run on, and when: the sentences of its page and of the queue's."""

from collections.abc import Callable, Iterator
from datetime import datetime

from opsconsole.operations.decisions import line
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.tasks import ATTEMPTS
from opsconsole.web import formats

# What the sentences speak of besides the run itself: for select_related().
PEOPLE = (
    "requested_by",
    "cancel_requested_by",
    "pause_requested_by",
    "behind__pause_requested_by",
)


def sentences(run: Run, now: datetime) -> list[str]:
    """Nothing of a finished run; a run should be loaded with PEOPLE."""
    say = SAYINGS.get(State(run.state))
    return [*_requests(run), *say(run, now)] if say else []


def _requests(run: Run) -> Iterator[str]:
    """What a person asked for and a worker has not granted yet."""
    if by := run.cancel_requested_by:
        yield f"{by.username} cancelled it: it ends after its current chunk."
    elif (by := run.pause_requested_by) and run.state != State.PAUSED:
        yield f"{by.username} paused it: it stops after its current chunk.{_why(run)}"


def _undecided(run: Run, now: datetime) -> Iterator[str]:
    yield run.what_next
    if run.started_at is None:
        yield _expiry(run, now, "unless somebody decides")


def _queued(run: Run, now: datetime) -> Iterator[str]:
    if behind := line.sentence(run):
        yield behind
        return
    yield run.what_next
    if run.started_at is None:
        yield _expiry(run, now, "unless a worker begins")


def _at_work(run: Run, now: datetime) -> Iterator[str]:
    yield run.what_next
    yield _holder(run, now)
    if run.attempts > 1:
        yield (
            f"Workers that died since its last progress: {run.attempts - 1}. After"
            f" {ATTEMPTS} the run is stopped."
        )


def _paused(run: Run, now: datetime) -> Iterator[str]:
    by = run.pause_requested_by.username if run.pause_requested_by else "the console"
    when = f" {formats.distance(run.paused_at, now)}" if run.paused_at else ""
    yield f"Paused{when} by {by}.{_why(run)}"
    yield run.what_next


def _waiting(run: Run, now: datetime) -> Iterator[str]:
    yield run.waiting_for or "Waits for the platform."
    if run.wait_until is None or run.wait_until <= now:
        yield "The wait is over: the next free worker takes it."
    else:
        yield f"Goes on by itself {formats.distance(run.wait_until, now)}."


def _holder(run: Run, now: datetime) -> str:
    if run.lease_until is None or run.lease_until <= now:
        return "No worker holds it at the moment: the next free one takes it."
    rest = formats.distance(run.lease_until, now)
    return f"A worker holds it; its lease ends {rest} unless it is renewed."


def _expiry(run: Run, now: datetime, unless: str) -> str:
    if run.expires_at <= now:
        return "Its time is over: it expires now."
    return f"Expires {formats.distance(run.expires_at, now)} {unless}."


def _why(run: Run) -> str:
    """The reason of a pause, as a sentence of its own."""
    reason = run.pause_reason.strip().rstrip(".")
    return f" Reason: {reason}." if reason else ""


SAYINGS: dict[State, Callable[[Run, datetime], Iterator[str]]] = {
    State.PLANNING: _at_work,
    State.PLANNED: _undecided,
    State.AWAITING: _undecided,
    State.QUEUED: _queued,
    State.APPLYING: _at_work,
    State.PAUSED: _paused,
    State.WAITING: _waiting,
    State.VERIFYING: _at_work,
}
