"""What becomes of a batch that the platform, or a service, would not take now."""

import time
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from opsconsole.operations.engine import holders
from opsconsole.operations.engine.errors import StepFailed, is_busy, is_lost
from opsconsole.operations.engine.reasons import in_words
from opsconsole.operations.engine.settling import settle
from opsconsole.operations.engine.shift import Shift
from opsconsole.operations.lease import proving
from opsconsole.operations.models import Run, Step
from opsconsole.operations.states import State

TRIES = 3  # in a row, each with fewer chunks and after a longer pause
PATIENCE = timedelta(hours=1)  # for rows that somebody else holds
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(seconds=30)


def refused(run: Run, step: Step, error: DatabaseError, shift: Shift) -> bool:
    """Rows held by others are waited for; what is slow is tried in smaller pieces."""
    if isinstance(error.__cause__, LockNotAvailable):
        shift.pace.slow_down()
        sentence = f"Rows are locked by somebody else. {holders.sentence(step.table)}"
        return wait(run, sentence.strip())
    if is_busy(error):
        shift.pace.failed()
        if shift.pace.failures < TRIES:
            cause = type(error.__cause__).__name__
            say(run, f"Refused, tried again with fewer rows: {cause}.")
            time.sleep(0.2 * shift.pace.failures)
            return True
    elif is_lost(error):
        raise error
    return give_up(run, step, error)


def give_up(run: Run, step: Step, error: Exception) -> bool:
    """An optional step is left with its reason; any other one fails the run."""
    if not step.optional:
        raise error
    settle(run)
    sentence = in_words(error, run)
    with proving(run):
        Step.objects.filter(pk=step.pk).update(error=sentence)
        run.say(f"Step “{step.title}” failed and is left: {sentence}")
    return True


def wait(run: Run, sentence: str, wait: timedelta | None = None) -> bool:
    """Leave the run until the wait is over; without one given, ever longer waits."""
    now = timezone.now()
    since = run.waiting_since or now
    if wait is None:
        if now - since > PATIENCE:
            raise StepFailed(f"Waited for {PATIENCE}: {sentence}")
        wait = min(max((now - since) / 4, SHORTEST_WAIT), LONGEST_WAIT)
    first = run.waiting_since is None
    with transaction.atomic():
        run.move(
            State.WAITING,
            waiting_for=sentence[:300],
            waiting_since=since,
            wait_until=Now() + wait,
        )
        if first:  # since the last progress
            run.say(f"Waits: {sentence}")
    return False


def say(run: Run, text: str) -> None:
    """Add a line to the log, unless the run is another worker's by now."""
    with proving(run):
        run.say(text)
