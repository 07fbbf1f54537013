"""The same message several times, at once, late or in the middle: one effect."""

import os
import signal
import subprocess
import sys

import pytest
from django_q.models import OrmQ, Success

from opsconsole.operations.states import State
from opsconsole.operations.tasks import nudge
from tests.operations.stage import assert_as_reported, lease_over
from tests.supervisor.processes import family, lives, wait_until


def test_five_workers_at_once(stage, confirmed, nursery):
    """Again and again, until the run is at its end."""
    stage.fill(2000)
    run = confirmed("demo-change", add=5)

    said = []
    while run.is_working:
        workers = [nursery.start(run.pk) for _ in range(5)]
        said += [nursery.wait(worker) for worker in workers]
        run.refresh_from_db()

    assert said.count("said applied") == 1
    assert set(said) == {"said applied", "said held or finished"}
    assert_as_reported(stage, [run])
    assert set(stage.our_writes().values()) == {1}


def test_five_workers_at_once_that_all_believe_the_lease_is_over(
    stage, confirmed, nursery
):
    """Leases that end too early cost time and nothing else."""
    stage.fill(3000)
    run = confirmed("demo-change", add=5)

    for _ in range(40):
        workers = [nursery.start(run.pk) for _ in range(3)]
        lease_over(run)
        [nursery.wait(worker) for worker in workers]
        run.refresh_from_db()
        if not run.is_working:
            break

    assert run.state == State.APPLIED, run.error
    assert_as_reported(stage, [run])
    assert set(stage.our_writes().values()) == {1}


@pytest.fixture
def two_clusters(stage):
    """Real clusters of django-q, which deliver again after a second."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.operations.hasty",
        "Q_CLUSTER_NAME": "bulk",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-m", "tests.operations.cluster"]
    clusters = [subprocess.Popen(command, env=environment) for _ in range(2)]
    yield clusters
    everybody = set().union(*(family(cluster.pid) for cluster in clusters))
    for pid in everybody:
        os.kill(pid, signal.SIGKILL)
    for cluster in clusters:
        cluster.wait(10)
    wait_until(lambda: not any(lives(pid) for pid in everybody))


@pytest.mark.slow
def test_five_messages_to_two_clusters(stage, confirmed, two_clusters):
    """The run takes three seconds, and each message comes again after one."""
    stage.fill(2500)
    stage.slow_down(0.6)  # seconds for each of five chunks
    run = confirmed("demo-change", add=5)
    for _ in range(4):
        nudge(run)
    assert OrmQ.objects.count() == 5

    wait_until(lambda: run.refresh_from_db() or not run.is_working, 30)
    wait_until(lambda: not OrmQ.objects.exists(), 10)

    assert (run.state, run.rows_written) == (State.APPLIED, 2500), run.error
    done = Success.objects.filter(func="opsconsole.operations.tasks.work")
    assert {one.result for one in done} <= {"applied", "held or finished"}
    assert len(stage.service("delivered")) > 5, "nothing came again"
    assert_as_reported(stage, [run])
    assert set(stage.our_writes().values()) == {1}
