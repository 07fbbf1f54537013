"""From the click to a worker's start, with a real cluster of django-q."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from opsconsole.operations import decisions, workers
from opsconsole.operations.catalog.set_priority import SetPriority
from opsconsole.operations.models import Run
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests.benchmarks.planned import plan, user

CLUSTER = "bulk"
PATIENCE = 30.0  # seconds
APART = 0.237  # seconds between two clicks, at no rhythm of the cluster's


def latencies(clicks: int) -> list[float]:
    """Seconds from a confirmation to the start of its run, each on an idle cluster."""
    with cluster():
        latency()  # the first one pays for the imports
        return [latency() for _ in range(clicks)]


def latency() -> float:
    row = WorkspaceTrackedRepository.objects.filter(priority_score__gt=0).first()
    assert row is not None
    other = row.priority_score - 1
    run = plan(SetPriority, repositories=[str(row.pk)], priority=other)
    time.sleep(APART)
    clicked = time.time()
    decisions.confirm(run, user(), reason="benchmark", plan_hash=run.plan_hash)
    wait_for(lambda: Run.objects.get(pk=run.pk).started_at is not None, pause=0.05)
    run.refresh_from_db()
    assert run.started_at is not None
    wait_for(lambda: Run.objects.get(pk=run.pk).is_finished, pause=0.05)
    return float(run.started_at.timestamp()) - clicked


@contextmanager
def cluster() -> Iterator[None]:
    """Workers as the supervisor starts them, and stops them."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
    environment = {**os.environ, "Q_CLUSTER_NAME": CLUSTER}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: bool(workers.living()[CLUSTER]), pause=0.2)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for(true, *, pause: float) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("The cluster did not do it in time.")
        time.sleep(pause)
