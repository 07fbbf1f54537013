"""Who serves the queues, and what they leave lying."""

import os
import socket
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils import timezone

from opsconsole.operations import workers
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.workers import identity

pytestmark = pytest.mark.usefixtures("databases")


@pytest.fixture
def run(operator):
    """Make a run; `held` is the seconds its lease has left, None without one."""

    def make(state=State.QUEUED, held=None, cluster="bulk"):
        now = timezone.now()
        lease = {}
        if held is not None:
            lease = {
                "lease_token": uuid4(),
                "lease_until": now + timedelta(seconds=held),
            }
        times = dict.fromkeys(("created_at", "planned_at", "expires_at"), now)
        return Run.objects.create(
            operation="reset-failed-sync",
            version=1,
            params={},
            requested_by=operator,
            cluster=cluster,
            state=state,
            **times,
            **lease,
        ).pk

    return make


@pytest.fixture
def sign(monkeypatch):
    """Let clusters of these names show signs of life."""
    signs = []
    monkeypatch.setattr(workers.Stat, "get_all", lambda: signs)

    def show(name, workers=1):
        host, pid = socket.gethostname(), os.getpid()
        signs.append(
            SimpleNamespace(
                host=host,
                pid=pid,
                cluster_id=identity(name, host, pid),
                workers=list(range(workers)),
                tob=timezone.now(),
            )
        )

    return show


class TestWaiting:
    @pytest.mark.parametrize(
        ("state", "held", "waits"),
        [
            (State.QUEUED, None, True),
            (State.APPLYING, None, True),  # handed over
            (State.APPLYING, -1, True),  # its worker died
            (State.VERIFYING, -1, True),
            (State.APPLYING, 20, False),
            (State.PLANNED, None, False),
            (State.APPLIED, None, False),
        ],
    )
    def test_which_runs_a_worker_should_take(self, run, state, held, waits):
        pk = run(state, held)

        assert workers.waiting("bulk") == ({pk} if waits else set())

    def test_none_while_every_worker_is_busy(self, run):
        queued = run()
        for _ in range(workers.configured("bulk") - 1):
            run(State.APPLYING, 20)
        assert workers.waiting("bulk") == {queued}

        run(State.APPLYING, 20)

        assert workers.waiting("bulk") == set()

    def test_each_cluster_has_its_own(self, run):
        run()

        assert workers.waiting("urgent") == set()


class TestLiving:
    def test_nobody(self):
        assert workers.living() == {"bulk": [], "urgent": []}

    def test_a_cluster_is_known_by_its_id(self, sign):
        sign("urgent", workers=2)

        found = workers.living()

        assert found["bulk"] == []
        [cluster] = found["urgent"]
        assert (cluster.host, cluster.workers) == (socket.gethostname(), 2)


class TestDeserted:
    """An emergency whose own page does the work while nobody else does."""

    @pytest.fixture
    def emergency(self, run):
        def make(told, **more):
            pk = run(cluster="urgent", **more)
            at = timezone.now() - timedelta(seconds=told)
            Run.objects.filter(pk=pk).update(nudged_at=at, created_at=at)
            return Run.objects.get(pk=pk)

        return make

    def test_a_living_worker_is_given_three_seconds(self, emergency, sign):
        sign("urgent")

        assert not workers.is_deserted(emergency(told=2))
        assert workers.is_deserted(emergency(told=4))

    def test_without_a_worker_nobody_is_waited_for(self, emergency, sign):
        sign("bulk")

        assert workers.is_deserted(emergency(told=0))

    @pytest.mark.parametrize(
        "more", [{"held": 20}, {"state": State.PAUSED}, {"state": State.APPLIED}]
    )
    def test_not_what_somebody_holds_or_nobody_may_take(self, emergency, more):
        assert not workers.is_deserted(emergency(told=60, **more))

    def test_the_patience_begins_when_the_wait_is_over(self, emergency, sign):
        sign("urgent")
        waiting = emergency(told=60, state=State.WAITING)
        Run.objects.filter(pk=waiting.pk).update(
            wait_until=timezone.now() - timedelta(seconds=1)
        )
        waiting.refresh_from_db()

        assert not workers.is_deserted(waiting)
