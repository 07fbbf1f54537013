import os
import socket
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations import workers

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
        run(State.APPLYING, 20)
        assert workers.waiting("bulk") == {queued}

        run(State.APPLYING, 20)

        assert workers.configured("bulk") == 2
        assert workers.waiting("bulk") == set()

    def test_each_cluster_has_its_own(self, run):
        run()

        assert workers.waiting("urgent") == set()


class TestLiving:
    def test_nobody(self):
        assert workers.living() == {"bulk": [], "urgent": []}

    def test_a_cluster_is_known_by_its_id(self, monkeypatch):
        class Sign:
            host, pid = socket.gethostname(), os.getpid()
            cluster_id = workers.identity("urgent", host, pid)

        monkeypatch.setattr(workers.Stat, "get_all", lambda: [Sign])

        assert workers.living() == {"bulk": [], "urgent": [socket.gethostname()]}
