"""What a worker does with a message: take the run, work for one shift, hand over."""

import logging
from time import monotonic

from django.utils import timezone
from django_q.tasks import async_task

from opsconsole.operations import engine
from opsconsole.operations.models import IllegalMove, Run
from opsconsole.operations.pace import Pace

log = logging.getLogger(__name__)
SHIFT = 30  # seconds one task works before it hands over; below Q_CLUSTER["timeout"]
ATTEMPTS = 5  # claims without a chunk done, after which a crash is no accident


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


def work(run_id: int) -> str:
    """Advance a run for one shift; a message for a run that somebody holds does nothing.

    An error stops the run and is shown on its page; a crash is resumed by the sweep.
    """
    run = Run.objects.claim(run_id)
    if run is None:
        return "held or finished"
    if run.attempts > ATTEMPTS:
        engine.fail(run, f"{ATTEMPTS} workers in a row died at the same place.")
        return "failed"
    shift_ends, pace = monotonic() + SHIFT, Pace()
    try:
        while engine.advance(run, pace):
            if monotonic() > shift_ends:
                run.release_lease()
                nudge(run)
                return "handed over"
    except (engine.LeaseLost, IllegalMove):
        return "overtaken"
    except Exception as error:
        log.exception("Run %s stopped", run.pk)
        engine.fail(run, f"{type(error).__name__}: {error}"[:2000])
        return "failed"
    return run.state
