"""What a worker does with a message: take the run, work for one shift, hand over."""

import logging
from contextlib import closing
from time import monotonic

from django.db import Error, connections
from django.utils import timezone
from django_q.tasks import async_task

from opsconsole.operations import engine
from opsconsole.operations.engine.errors import is_lost
from opsconsole.operations.engine.reasons import in_words, plain
from opsconsole.operations.lease import LeaseLost
from opsconsole.operations.models import IllegalMove, Run

log = logging.getLogger(__name__)
SHIFT = 30  # seconds one task works before it hands over; below Q_CLUSTER["timeout"]
ATTEMPTS = 5  # workers that vanished in a row, after which it is no accident


def nudge(run: Run) -> None:
    """Ask the run's cluster to look at it.

    Inside a transaction the message is committed or lost together with it.
    """
    Run.objects.filter(pk=run.pk).update(nudged_at=timezone.now())
    async_task(
        "opsconsole.operations.tasks.work",
        run.pk,
        cluster=run.cluster,
        task_name=f"run {run.pk}",
    )


def work(run_id: int, seconds: float = SHIFT) -> str:
    """Advance a run for one shift; a message for a run that somebody holds does nothing.

    An error stops the run and is shown on its page; a crash is resumed by the sweep, and
    so is a run whose databases do not answer.
    """
    run = Run.objects.claim(run_id)
    if run is None:
        return "held or finished"
    token = run.lease_token
    try:
        if run.attempts > ATTEMPTS:
            engine.fail(run, f"{ATTEMPTS} workers in a row died at the same place.")
            return "failed"
        return _shift(run, seconds)
    except (LeaseLost, IllegalMove):
        return "overtaken"
    except Exception as error:
        # The object may believe what its last transaction could not commit.
        return _stopped(Run(pk=run.pk, lease_token=token), error)


def _stopped(lease: Run, error: Exception) -> str:
    """Fail the run, unless another has it by now or a database is gone."""
    try:
        if isinstance(error, Error) and is_lost(error):
            return _wait(lease, error)
        return _stop(lease, error)
    except (LeaseLost, IllegalMove):
        return "overtaken"
    except Error as another:
        if is_lost(another):
            return _wait(lease, another)
        raise


def _shift(run: Run, seconds: float) -> str:
    shift_ends = monotonic() + seconds
    with closing(engine.Shift()) as shift:
        while engine.advance(run, shift):
            if monotonic() > shift_ends:
                run.release_lease()
                if seconds == SHIFT:  # a page that works comes back by itself
                    nudge(run)
                return "handed over"
    return run.state


def _stop(lease: Run, error: Exception) -> str:
    run = Run.objects.filter(pk=lease.pk, lease_token=lease.lease_token).first()
    if run is None:
        return "overtaken"
    engine.fail(run, in_words(error, run))
    log.error("Run %s stopped", run.pk, exc_info=error)
    return "failed"


def _wait(lease: Run, error: Exception) -> str:
    """A database does not answer: leave the run as it is, the sweep tries again."""
    log.warning("Run %s waits: %s", lease.pk, plain(error))
    for connection in connections.all(initialized_only=True):
        connection.close()
    lease.release_lease(error=f"Waiting for a database: {plain(error)}")
    return "waiting"
