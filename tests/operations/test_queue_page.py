"""The queue's page: who works, what waits, who moves it on, and what to do about it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Success

from opsconsole.operations import workers
from opsconsole.operations.models import Run
from opsconsole.operations.showing import missing, queue
from opsconsole.operations.states import State

pytestmark = pytest.mark.usefixtures("databases")
PAGE = "/operations/queue/"


@pytest.fixture
def run(operator):
    def make(state, **fields):
        now = timezone.now()
        times = {"created_at": now, "planned_at": now}
        times["expires_at"] = now + timedelta(minutes=29.5)
        defaults = {
            "operation": "set-priority",
            "version": 1,
            "title": "Set priority",
            "subject": "80 for acme/web",
            "risk": "routine",
            "params": {},
            "requested_by": operator,
            "cluster": "bulk",
        }
        return Run.objects.create(**(defaults | times | {"state": state} | fields))

    return make


@pytest.fixture
def person(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def alive(monkeypatch):
    """Both clusters live."""
    since = timezone.now()
    living = {
        "bulk": [
            workers.Cluster("host-a", 2, since),
            workers.Cluster("host-b", 2, since),
        ],
        "urgent": [workers.Cluster("host-a", 1, since)],
    }
    monkeypatch.setattr(workers, "living", lambda: living)


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def message(cluster, lock):
    return OrmQ.objects.create(key=cluster, payload="x", lock=lock)


class TestClusters:
    def test_messages_waiting_and_taken(self, alive, run):
        message("bulk", ago(90))
        message("bulk", ago(5))
        message("bulk", ago(-200))  # a worker has it
        run(
            State.APPLYING,
            lease_token=uuid4(),
            lease_until=timezone.now() + timedelta(seconds=20),
        )

        bulk, urgent = queue.clusters(timezone.now())

        assert (bulk.messages.waiting, bulk.messages.taken, bulk.held) == (2, 1, 1)
        assert bulk.oldest == "the oldest for 1 min 30 s"
        configured = 2 * workers.configured("bulk")
        assert (bulk.workers, bulk.configured_note) == (4, f"of {configured}")
        assert bulk.places == "on host-a, host-b"
        assert (urgent.messages.waiting, urgent.oldest) == (0, "")

    def test_a_worker_that_is_just_started_again_is_no_alarm(self, person):
        page = person.get(PAGE)

        assert [one.level for one in page.context["clusters"]] == ["warning"] * 2
        assert "started again within seconds" in page.text
        assert "Start “manage.py" not in page.text

    def test_an_absence_ends_with_a_sign_of_life(self, alive, monkeypatch):
        now = timezone.now()
        missing.since(now, {"urgent"})
        later = now + timedelta(seconds=5)
        assert missing.since(later, {"urgent", "bulk"}) == {
            "urgent": now,
            "bulk": later,
        }

        missing.since(later, {"bulk"})

        assert missing.since(later, {"urgent"}) == {"urgent": later}

    @pytest.mark.parametrize(
        ("sandbox", "command"), [(True, "manage.py up"), (False, "manage.py serve")]
    )
    def test_says_what_supervises_here(self, person, settings, sandbox, command):
        settings.SANDBOX = sandbox
        missing.since(ago(9), workers.CLUSTERS)

        assert f"Start “{command}” again" in person.get(PAGE).text

    def test_one_message_is_not_messages(self, person, alive):
        message("bulk", ago(5))

        text = person.get(PAGE).text

        assert '1 <span class="unit">message</span>' in text
        assert '0 <span class="unit">messages</span>' in text

    def test_nobody_alive_says_what_to_do(self, person):
        message("bulk", ago(5))
        missing.since(ago(9), workers.CLUSTERS)

        text = person.get(PAGE).text

        assert "No worker of the cluster bulk is alive: a message waits" in text
        assert "No worker of the cluster urgent is alive" in text
        assert 'class="note critical"' in text
        assert "Q_CLUSTER_NAME=urgent manage.py worker" in text
        assert "goes on from its own page" in text

    def test_nothing_to_do_while_they_live(self, person, alive):
        assert "is alive" not in person.get(PAGE).text


class TestRuns:
    def test_by_state_with_links(self, run, person):
        for _ in range(2):
            run(State.QUEUED, queued_at=ago(3600))
        run(State.APPLIED)

        found = {item.state: item for item in queue.by_state()}

        assert found[State.QUEUED].runs == 2
        assert found[State.APPLYING].runs == 0
        assert State.APPLIED not in found
        text = person.get(PAGE).text
        assert "?state=queued" in text
        assert "?state=applying" not in text

    def test_the_longest_wait_first_with_who_moves_it(self, run, person):
        paused = run(State.PAUSED, paused_at=ago(60), created_at=ago(9000))
        awaiting = run(State.AWAITING, asked_at=ago(600))
        queued = run(State.QUEUED, queued_at=ago(5), created_at=ago(90))
        run(State.APPLIED)

        waits = queue.longest_waits(timezone.now())

        assert [wait.run for wait in waits] == [awaiting, paused, queued]
        assert waits[0].sentences == [
            "Waiting for a second person to approve or reject it.",
            "Expires in 29 min unless somebody decides.",
        ]
        text = person.get(PAGE).text
        assert paused.get_absolute_url() in text
        assert "Waiting for a person to let it go on or to cancel it." in text

    def test_what_a_worker_holds_does_not_wait(self, run):
        lease = {"lease_token": uuid4()}
        run(State.APPLYING, lease_until=ago(-20), **lease)
        left = run(State.APPLYING, lease_until=ago(1), **lease)

        assert [wait.run for wait in queue.longest_waits(timezone.now())] == [left]

    def test_nothing_waits(self, person):
        assert "Nothing waits" in person.get(PAGE).text

    def test_asks_a_fixed_number_of_questions(
        self, run, person, django_assert_max_num_queries
    ):
        for _ in range(queue.SHOWN + 5):
            run(State.QUEUED, queued_at=ago(5))
        person.get(PAGE)

        with django_assert_max_num_queries(14):
            page = person.get(PAGE)

        assert len(page.context["waiting"]) == queue.SHOWN


class TestSweep:
    def test_the_last_one_is_known(self, person):
        assert "last not seen yet" in person.get(PAGE).text
        Success.objects.create(
            id="1",
            name="sweep",
            func=queue.SWEEP,
            started=ago(40),
            stopped=ago(40),
            success=True,
        )

        found = queue.last_sweep(timezone.now())

        assert found["last"] < ago(39)
        assert found["next"] >= ago(1)
        assert "last not seen yet" not in person.get(PAGE).text


def test_renews_itself_without_and_with_javascript(person):
    text = person.get(PAGE).text

    assert 'hx-trigger="every 5s"' in text
    assert 'http-equiv="refresh"' in text


def test_needs_the_permission_to_see_runs(make_user, client_of):
    stranger = make_user("viewer", "stranger")
    stranger.groups.clear()

    assert client_of(stranger).get(PAGE).status_code == 403
