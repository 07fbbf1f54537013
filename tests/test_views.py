"""The front page, with and without a platform."""

from datetime import timedelta
from unittest.mock import Mock
from uuid import uuid4

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.operations import planner
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.platform import contract
from opsconsole.workspaces import attention
from tests import factories

pytestmark = pytest.mark.platform
NOW = timezone.now()
NASTY = "<script>alert(1)</script>"


@pytest.fixture
def person(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def lines(person):
    """The attention list as sentence -> level."""

    def read():
        found = person.get("/").context["attention"]
        return {line.text: line.level for line in found}

    return read


@pytest.fixture
def ran(operator):
    """A run that is in this state since some time."""

    def make(state, *, title="Reset failed sync", **values):
        defaults = {
            "operation": "reset-failed-sync",
            "version": 1,
            "title": title,
            "subject": "all failed repositories",
            "risk": "routine",
            "cluster": "bulk",
            "params": {},
            "requested_by": operator,
            "origin": "browser",
            "created_at": NOW,
            "planned_at": NOW,
            "expires_at": NOW + timedelta(minutes=30),
        }
        return Run.objects.create(state=state, **(defaults | values))

    return make


def healthy(sql):
    fresh = {"last_sync_at": NOW, "next_sync_at": NOW + timedelta(hours=5)}
    return factories.tracked(sql, **fresh)


class TestHealthz:
    def test_answers_without_sign_in(self, client):
        assert client.get("/healthz").content == b"ok\n"


class TestAccess:
    def test_asks_strangers_to_sign_in(self, client, databases):
        assert client.get("/").status_code == 302

    def test_refuses_a_person_without_a_role(self, client_of, django_user_model):
        nobody = django_user_model.objects.create_user("nobody")

        assert client_of(nobody).get("/").status_code == 403


class TestAttention:
    def test_says_that_all_is_well(self, lines, platform_sql):
        healthy(platform_sql)

        assert lines() == {
            "No repository fails repeatedly.": "ok",
            "No repository failed at the last sync.": "ok",
            "No repository is overdue.": "ok",
            "No repository is without a next sync.": "ok",
            "No run failed in the last 24 h.": "ok",
            "No run ended with problems in the last 24 h.": "ok",
            "No plan waits for a person's confirmation.": "ok",
            "No run waits more than 30 s for a worker.": "ok",
            "The platform looks as we expect.": "ok",
        }

    def test_says_what_failed_the_worst_first(self, person, platform_sql):
        factories.failed(platform_sql, sync_attempts=4)
        for _ in range(10):
            factories.failed(platform_sql, sync_attempts=5)

        [first, second, *_] = person.get("/").context["attention"]

        assert (first.level, first.text) == (
            "critical",
            "11 repositories fail repeatedly.",
        )
        assert first.url == "/workspaces/health/?condition=failing_repeatedly"
        assert second.level in ("critical", "warning")

    @pytest.mark.parametrize(
        ("overdue", "level"), [(0, "ok"), (1, "ok"), (2, "warning"), (5, "critical")]
    )
    def test_weighs_overdue_by_its_share(self, overdue, level):
        counts = {"failing_repeatedly": 0, "failed": 0, "never_scheduled": 0}
        counts |= {"overdue": overdue, "total": 20}

        [line] = [x for x in attention.of_syncs(counts) if "overdue" in x.text]

        assert line.level == level

    def test_says_what_happened_to_runs(self, lines, ran):
        ran(State.PLANNED, rows_planned=1)
        ran(State.PLANNED, rows_planned=0)  # nobody can confirm that one
        ran(State.PLANNED, rows_planned=1, expires_at=NOW - timedelta(seconds=1))
        ran(State.FAILED, finished_at=NOW - timedelta(hours=23))
        ran(State.FAILED, finished_at=NOW - timedelta(hours=25))
        ran(State.APPLIED_WITH_PROBLEMS, finished_at=NOW)
        ran(State.APPLIED_WITH_PROBLEMS, finished_at=NOW)

        found = lines()

        assert found["1 run failed in the last 24 h."] == "critical"
        assert found["2 runs ended with problems in the last 24 h."] == "warning"
        assert found["1 plan waits for a person's confirmation."] == "warning"

    def test_says_that_nobody_serves_the_queue(self, lines, ran):
        ran(State.QUEUED, queued_at=NOW - timedelta(seconds=31))
        ran(State.QUEUED, queued_at=timezone.now() + timedelta(seconds=60))
        ran(
            State.QUEUED,
            queued_at=NOW - timedelta(hours=1),
            lease_token=uuid4(),
            lease_until=timezone.now() + timedelta(minutes=5),
        )

        assert lines()["1 run waits more than 30 s for a worker."] == "critical"

    def test_says_how_the_platform_deviates(self, lines, platform_sql):
        platform_sql("ALTER TABLE workspaces RENAME tier TO level")
        contract.forget()
        try:
            found = lines()
        finally:
            platform_sql("ALTER TABLE workspaces RENAME level TO tier")
            contract.forget()

        [deviation] = [text for text in found if "deviation" in text]
        assert found[deviation] in ("warning", "critical")


class TestNumbers:
    def test_count_what_is_there(self, person, platform_sql):
        factories.workspace(platform_sql, tier="pro")
        factories.workspace(platform_sql, is_active=False)
        healthy(platform_sql)
        factories.failed(platform_sql, last_sync_at=NOW)

        found = person.get("/").context["panel"].answer

        assert found.workspaces == 3
        assert found.by_tier == "2 free, 1 pro, 0 team"
        assert found.syncs["total"] == 2
        assert found.syncs["synced_lately"] == 1
        assert found.synced_share == "successfully, 50 % of all"

    def test_are_there_on_an_empty_platform(self, person):
        response = person.get("/")

        assert "0 free, 0 pro, 0 team" in response.text
        assert "No operation has been planned yet." in response.text
        assert "Nothing has been recorded yet." in response.text


class TestHistory:
    def test_shows_the_newest_runs_and_entries(self, person, platform_sql, operator):
        params = {"repositories": [], "workspace": None, "all_failed": True}
        for _ in range(9):
            planner.plan(
                OPERATIONS["reset-failed-sync"],
                params,
                planner.Request(operator, "browser"),
            )

        context = person.get("/").context

        assert len(context["runs"]) == len(context["entries"]) == 8
        assert (
            context["runs"][0]["url"]
            == f"/operations/runs/{Run.objects.latest('pk').pk}/"
        )

    def test_escapes_what_people_typed(self, person, ran):
        ran(State.PLANNED, title=NASTY)

        assert NASTY not in person.get("/").text


class TestCost:
    def test_is_the_same_for_any_number_of_rows(self, person, platform_sql, ran):
        def queries():
            with (
                CaptureQueriesContext(connections["platform"]) as platform,
                CaptureQueriesContext(connections["default"]) as console,
            ):
                person.get("/")
            return len(platform) + len(console)

        factories.failed(platform_sql)
        ran(State.PLANNED)
        person.get("/")
        few = queries()
        for _ in range(7):
            factories.failed(platform_sql)
            ran(State.PLANNED)

        assert queries() == few
        assert few <= 16


class TestWithoutThePlatform:
    def test_shows_what_the_console_knows(self, person, monkeypatch, ran):
        ran(State.PLANNED, title="Some run")
        contract.forget()
        connections["platform"].close()
        refuse = Mock(side_effect=OperationalError("connection refused"))
        monkeypatch.setattr(connections["platform"], "connect", refuse)

        response = person.get("/")
        contract.forget()

        assert response.status_code == 200
        assert response.context["attention"][0].level == "critical"
        assert "does not answer" in response.context["attention"][0].text
        assert "The platform's numbers are missing" in response.text.replace(
            "&#x27;", "'"
        )
        assert "Some run" in response.text

    def test_gives_up_on_a_slow_platform(self, person, platform_sql, monkeypatch):
        contract.current()
        monkeypatch.setattr("opsconsole.platform.deadline.PAGE", 0.05)  # seconds
        platform_sql("BEGIN; LOCK workspace_tracked_repositories")
        try:
            response = person.get("/")
        finally:
            platform_sql("ROLLBACK")

        assert response.status_code == 200
        assert "not in time" in response.text
