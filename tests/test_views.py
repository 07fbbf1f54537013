"""The front page, with and without samples, with and without a platform."""

from datetime import timedelta
from unittest.mock import Mock
from uuid import uuid4

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.history import samples
from opsconsole.history.models import Sample
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner
from opsconsole.operations.states import State
from opsconsole.platform import contract
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

    def read(client=person):
        found = client.get("/").context["attention"]
        return {line.text: line.level for line in found.lines}

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


@pytest.fixture
def down(monkeypatch, databases):
    """The platform refuses every connection."""
    contract.forget()
    connections["platform"].close()
    refuse = Mock(side_effect=OperationalError("connection refused"))
    monkeypatch.setattr(connections["platform"], "connect", refuse)
    yield
    contract.forget()


def healthy(sql):
    fresh = {"last_sync_at": NOW, "next_sync_at": NOW + timedelta(hours=5)}
    return factories.tracked(sql, **fresh)


def sample(**values):
    """A sample that is kept, of one healthy repository unless told."""
    defaults = {
        "at": timezone.now(),
        "took": timedelta(seconds=1),
        "words": {"free": {"ok": 1}},
        "workspaces": {"free": 1},
        "synced_lately": 1,
        "unlinked": 0,
        "untracked": 0,
    }
    return Sample.objects.create(**(defaults | values))


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
    def test_says_that_all_is_well(self, person, lines, platform_sql):
        healthy(platform_sql)
        samples.take()

        assert lines() == {
            "Repositories are being synced.": "ok",
            "No repository failed at its last sync.": "ok",
            "No repository fails repeatedly.": "ok",
            "No repository is without a next sync.": "ok",
            "No repository is switched off and synced still.": "ok",
            "No repository is refused by GitHub.": "ok",
            "No repository is overdue or starved.": "ok",
            "The schedule can do what the intervals ask for.": "ok",
            "No repository of a workspace is tracked but linked to no sync.": "ok",
            "No run waits more than 30 s for a worker.": "ok",
            "No run failed in the last 24 h.": "ok",
            "No run ended with problems in the last 24 h.": "ok",
            "No plan of yours waits for your confirmation.": "ok",
            "No plan of others waits for confirmation.": "ok",
            "Numbers are collected as planned.": "ok",
            "The platform looks as we expect.": "ok",
        }
        assert "16 checks are well" in person.get("/").text

    def test_says_what_failed_the_worst_first(self, person, platform_sql):
        healthy(platform_sql)
        factories.failed(platform_sql, sync_attempts=1, last_sync_error="timed out")
        for _ in range(10):
            factories.failed(platform_sql, sync_attempts=5)
        samples.take()

        [first, second, third, *_] = person.get("/").context["attention"].pressing

        assert first.text.startswith("10 repositories fail with “Unexpected token")
        assert first.url.startswith("/workspaces/health/errors/")
        assert (second.level, second.text) == (
            "critical",
            "10 repositories fail repeatedly.",
        )
        assert second.url == "/workspaces/health/?word=failing+repeatedly#list"
        assert third.text == "1 repository fails with “timed out”."
        assert third.level == "warning"

    def test_says_what_happened_to_runs(self, lines, ran):
        ran(State.PLANNED, rows_planned=1)
        ran(State.PLANNED, rows_planned=0)  # nobody can confirm that one
        ran(State.PLANNED, rows_planned=1, expires_at=NOW - timedelta(seconds=1))
        ran(State.PLANNED, rows_planned=1, origin="terminal")  # without --apply
        ran(State.FAILED, finished_at=NOW - timedelta(hours=23))
        ran(State.FAILED, finished_at=NOW - timedelta(hours=25))
        ran(State.APPLIED_WITH_PROBLEMS, finished_at=NOW)
        ran(State.APPLIED_WITH_PROBLEMS, finished_at=NOW)

        found = lines()

        assert found["1 run failed in the last 24 h."] == "critical"
        assert found["2 runs ended with problems in the last 24 h."] == "warning"
        assert found["1 plan of others waits for confirmation."] == "warning"
        assert found["No plan of yours waits for your confirmation."] == "ok"

    def test_tells_whose_plan_waits(self, lines, ran, operator, client_of):
        ran(State.PLANNED, rows_planned=1)

        found = lines(client_of(operator))

        assert found["1 plan of yours waits for your confirmation."] == "warning"
        assert found["No plan of others waits for confirmation."] == "ok"

    def test_leads_a_second_person_to_the_decision(
        self, lines, ran, make_user, client_of
    ):
        ran(State.AWAITING, asked_at=NOW)
        approver = client_of(make_user("approver"))

        assert lines(approver)["1 run waits for your approval."] == "warning"
        assert "1 run waits for your approval." not in lines()
        assert 'href="/operations/approvals/">Decide' in approver.get("/").text

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

    @pytest.mark.parametrize(("minutes", "late"), [(14, False), (16, True)])
    def test_says_that_nothing_was_collected_lately(self, lines, minutes, late):
        sample(at=timezone.now() - timedelta(minutes=minutes))

        found = lines()

        said = [
            text for text in found if "No numbers have been collected since" in text
        ]
        assert bool(said) is late
        assert all(found[text] == "warning" for text in said)


class TestNumbers:
    def test_are_those_of_the_sample(self, person):
        sample(
            words={"free": {"ok": 3, "failed": 1}, "pro": {"failing repeatedly": 2}},
            workspaces={"free": 2, "pro": 1},
            synced_lately=3,
            due=1234,
        )

        found = {n.label: n for n in person.get("/").context["numbers"]}

        assert found["Workspaces"].value == 3
        assert found["Workspaces"].note == "2 free, 1 pro, 0 team"
        assert found["Tracked repositories"].value == 6
        assert found["Synced in the last 24 h"].value == 3
        assert found["Synced in the last 24 h"].note == "successfully, 50 % of all"
        assert found["Failing"].value == 3
        assert found["Failing"].note == "2 of them repeatedly"
        assert found["In line for a run"].value == 1234

    def test_say_how_they_changed_in_a_day(self, person):
        now = timezone.now()
        before = {"free": {"ok": 5, "failed": 1}}
        sample(at=now - timedelta(hours=23, minutes=40), words=before, synced_lately=5)
        sample(at=now, words={"free": {"ok": 3, "failed": 3}}, synced_lately=3)

        found = {n.label: n for n in person.get("/").context["numbers"]}

        assert found["Tracked repositories"].delta == "as 24 h ago"
        assert (found["Failing"].delta, found["Failing"].trend) == (
            "+2 in 24 h",
            "warning",
        )
        assert found["Synced in the last 24 h"].delta == "−2 in 24 h"
        assert found["Synced in the last 24 h"].trend == "warning"
        assert "<polyline" in found["Failing"].spark

    def test_say_no_change_where_yesterday_is_unknown(self, person):
        now = timezone.now()
        sample(at=now - timedelta(hours=23), words={"free": {"ok": 5}})
        sample(at=now)

        assert {n.delta for n in person.get("/").context["numbers"]} == {""}

    def test_leave_gaps_where_nothing_was_collected(self, person):
        now = timezone.now()
        for hours in (20, 19, 2, 0):
            sample(at=now - timedelta(hours=hours))
        sample(at=now - timedelta(hours=10), problem="The platform does not answer.")

        [first, *_] = person.get("/").context["numbers"]

        assert first.spark.count("<polyline") > 1


class TestTiers:
    def test_come_first_for_people_who_run_nothing(self, person, operator, client_of):
        sample(calls={"free": 160.0}, words={"free": {"ok": 3, "overdue": 1}})

        managers, operators = person.get("/").text, client_of(operator).get("/").text

        assert managers.index("estimated cost") < managers.index("needs attention")
        assert operators.index("estimated cost") > operators.index("needs attention")

    def test_say_what_each_costs(self, person):
        sample(
            calls={"free": 20.0, "pro": 100.0},
            words={"free": {"ok": 3, "overdue": 1}, "pro": {"ok": 1}},
        )

        free, pro, team, all_tiers = person.get("/").context["tiers"]

        assert (free.tier, free.tracked, free.in_trouble) == ("free", 4, 1)
        assert (free.trouble_share, free.slots_share) == ("25 %", "25 %")
        assert (pro.tier, pro.slots_share) == ("pro", "1.2 times")
        assert (team.tracked, team.trouble_share, team.slots_share) == (0, "", "0 %")
        assert (all_tiers.tier, all_tiers.tracked, all_tiers.calls) == ("", 5, 120)

    def test_name_a_tier_that_the_platform_does_not_declare(self, person):
        sample(words={"gold": {"ok": 7}})

        found = {line.tier: line.tracked for line in person.get("/").context["tiers"]}

        assert found["gold"] == found[""] == 7

    def test_offer_nothing_to_do_to_managers(self, person, platform_sql):
        factories.failed(platform_sql)
        samples.take()

        assert "/plan/" not in person.get("/").text


class TestMorning:
    def test_stands_beside_the_runbooks_numbers(self, person, platform_sql):
        healthy(platform_sql)
        factories.tracked(platform_sql, is_active=False, last_sync_at=NOW)
        factories.failed(platform_sql)
        samples.take()

        rows, synced, failed, age = person.get("/").context["morning"]

        assert (rows.name, rows.theirs) == ("total_workspaces", 2)
        assert rows.ours == "3 workspaces, 3 tracked repositories"
        assert (
            "leaves out what is not active (1); synced all the same: 1." in rows.hides
        )
        assert (synced.theirs, synced.ours) == (1, "2 in the last 24 h, 67 %")
        assert (failed.theirs, failed.ours) == (1, "1 failing, 0 of them repeatedly")
        assert age.name == "avg_hours_since_sync"

    def test_says_unknown_where_there_is_no_average(self, person):
        sample(runbook={"total_workspaces": 0, "avg_hours_since_sync": None})

        text = person.get("/").text

        assert "<code>avg_hours_since_sync</code> <b>unknown</b>" in text


class TestWithoutSamples:
    def test_counts_on_the_platform(self, person, platform_sql):
        healthy(platform_sql)

        response = person.get("/")

        assert "Nothing has been collected yet" in response.text
        assert "These numbers were counted for this page" in response.text
        [workspaces, tracked, *_] = response.context["numbers"]
        assert (workspaces.value, tracked.value) == (1, 1)
        assert not Sample.objects.exists()

    def test_says_so_when_the_platform_is_down(self, person, down):
        response = person.get("/")

        assert response.status_code == 200
        assert "There are no numbers yet" in response.text
        assert "does not answer" in response.text

    def test_gives_up_on_a_slow_platform(self, person, platform_sql, monkeypatch):
        contract.current()
        monkeypatch.setattr("opsconsole.platform.deadline.PAGE", 0.05)  # seconds
        platform_sql("BEGIN; LOCK workspace_tracked_repositories")
        try:
            response = person.get("/")
        finally:
            platform_sql("ROLLBACK")

        assert response.status_code == 200
        assert "took too long to answer" in response.text


class TestHistory:
    def test_shows_the_newest_runs_and_entries(self, person, ran, operator):
        operation = OPERATIONS["reset-failed-sync"]
        params = operation.Form({"matching": "word=failed"})
        assert params.is_valid(), params.errors
        for _ in range(9):
            asked = planner.Request(operator, "browser")
            planner.plan(operation, params.cleaned_data, asked)

        context = person.get("/").context

        assert len(context["runs"]) == len(context["entries"]) == 8
        newest = Run.objects.latest("pk").pk
        assert context["runs"][0]["url"] == f"/operations/runs/{newest}/"

    def test_says_that_nothing_was_done(self, person):
        text = person.get("/").text

        assert "No operation has been planned yet." in text
        assert "Nothing has been recorded yet." in text

    def test_escapes_what_people_and_the_platform_say(self, person, ran, platform_sql):
        ran(State.PLANNED, title=NASTY)
        factories.failed(platform_sql, last_sync_error=NASTY)
        samples.take()

        text = person.get("/").text

        assert NASTY not in text
        assert "&lt;script&gt;" in text


class TestCost:
    def test_is_the_same_for_any_number_of_rows(self, person, platform_sql, ran):
        def queries():
            with (
                CaptureQueriesContext(connections["platform"]) as platform,
                CaptureQueriesContext(connections["default"]) as console,
            ):
                person.get("/")
            assert len(platform) == 0
            return len(console)

        def one_of_each():
            factories.failed(platform_sql, last_sync_error=uuid4().hex[:6])
            ran(State.PLANNED)
            samples.take()

        one_of_each()
        person.get("/")
        few = queries()
        for _ in range(7):
            one_of_each()

        assert queries() == few
        assert few <= 12


class TestWithoutThePlatform:
    def test_shows_what_the_console_knows(self, person, down, ran):
        ran(State.PLANNED, title="Some run")
        sample()

        response = person.get("/")

        assert response.status_code == 200
        first = response.context["attention"].pressing[0]
        assert first.level == "critical"
        assert "does not answer" in first.text
        assert response.context["numbers"][1].value == 1
        assert "Some run" in response.text
