"""What GitHub and Supabase tell of the deployment, and when they do not."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from opsconsole.deployment import looking
from opsconsole.deployment.checks import secrets
from opsconsole.deployment.facts import State
from opsconsole.integrations import github, supabase
from opsconsole.integrations.github_shapes import (
    RateLimit,
    Workflow,
    WorkflowRun,
    WorkflowRuns,
)
from opsconsole.integrations.supabase_shapes import (
    Backup,
    Backups,
    Function,
    PartHealth,
    Secret,
)

pytestmark = pytest.mark.platform
OF_GITHUB = ("schedule", "schedule_runs", "rate_limit")
OF_SUPABASE = ("function", "secrets", "health", "backups")
OUTSIDE = OF_GITHUB + OF_SUPABASE
NOW = datetime.now(UTC)


@pytest.fixture
def told(nowhere, monkeypatch):
    """Let a service's function answer this."""

    def tell(service, name, answer):
        monkeypatch.setattr(service, name, lambda *args, **kwargs: answer)

    return tell


class TestEveryCheckOutside:
    def test_answers_in_time(self):
        assert 2 * looking.SECONDS <= 3

    @pytest.mark.parametrize("slug", OUTSIDE)
    def test_a_service_that_is_down_is_unknown(self, look, nowhere, slug):
        [fact] = look(slug).values()

        assert fact.state == State.UNKNOWN
        assert fact.sentence
        assert fact.fix is None

    @pytest.mark.parametrize("slug", OUTSIDE)
    def test_a_wrong_token_is_wrong_and_named(self, look, standin, settings, slug):
        settings.GITHUB_TOKEN = settings.SUPABASE_ACCESS_TOKEN = "wrong"
        [fact] = look(slug).values()

        assert fact.state == State.WRONG
        name = "GITHUB_TOKEN" if slug in OF_GITHUB else "SUPABASE_ACCESS_TOKEN"
        assert f"OPSCONSOLE_{name}" in fact.sentence

    @pytest.mark.parametrize("slug", OUTSIDE)
    def test_not_configured_is_unknown_and_says_what_to_set(
        self, look, unconfigured, slug
    ):
        [fact] = look(slug).values()

        assert fact.state == State.UNKNOWN
        assert "is not configured: set OPSCONSOLE_" in fact.sentence

    @pytest.mark.parametrize("slug", OUTSIDE)
    def test_a_strange_answer_is_unknown(self, look, standin, slug):
        standin.faults.add({"endpoint": "GET *", "status": 200, "body": {"a": 1}})
        [fact] = look(slug).values()

        assert fact.state == State.UNKNOWN
        assert "does not understand" in fact.sentence

    def test_a_slow_service_is_given_up(self, look, standin):
        standin.faults.add({"endpoint": "GET *", "status": 0, "seconds": 6})
        begun = time.monotonic()
        [fact] = look("rate_limit").values()

        assert fact.state == State.UNKNOWN
        assert time.monotonic() - begun < 3.5


class TestFunction:
    def test_deployed(self, look, standin):
        facts = look("function")

        assert facts["The sync function"].state == State.FINE
        assert "version 22" in facts["The sync function"].sentence
        assert facts["JWT wanted"].state == State.FINE

    def test_not_deployed(self, look, told):
        told(supabase, "functions", ())
        [fact] = look("function").values()

        assert fact.state == State.MISSING
        assert "functions deploy workspace-issues-sync" in fact.remedy

    @pytest.mark.parametrize(
        ("jwt", "state"), [(False, State.WRONG), (None, State.UNKNOWN)]
    )
    def test_throttled_and_open(self, look, told, jwt, state):
        found = Function("1", "workspace-issues-sync", "x", "THROTTLED", 7, NOW, jwt)
        told(supabase, "functions", (found,))
        facts = look("function")

        assert facts["The sync function"].state == State.WRONG
        assert "THROTTLED" in facts["The sync function"].sentence
        assert facts["JWT wanted"].state == state


class TestSecrets:
    def test_names_alone(self, look, standin):
        [fact] = look("secrets").values()

        assert (fact.name, fact.state) == ("GITHUB_TOKEN", State.FINE)
        assert "0000" not in repr(fact)

    def test_a_missing_one(self, look, told):
        told(supabase, "secrets", (Secret("OTHER", None),))
        [fact] = look("secrets").values()

        assert fact.state == State.MISSING
        assert fact.remedy == secrets.REMEDY


class TestSchedule:
    def test_on(self, look, standin):
        assert look("schedule")["The schedule"].state == State.FINE

    @pytest.mark.parametrize(
        "state", ["disabled_manually", "disabled_inactivity", "odd"]
    )
    def test_off_offers_to_switch_it_on(self, look, told, state):
        told(github, "workflow", Workflow(1, "sync", state, ""))
        fact = look("schedule")["The schedule"]

        assert fact.state == State.WRONG
        assert fact.fix.url == "/operations/switch-schedule/plan/?to=on"

    def test_deleted(self, look, told):
        told(github, "workflow", Workflow(1, "sync", "deleted", ""))
        assert look("schedule")["The schedule"].state == State.MISSING

    def test_a_repository_that_is_not_there(self, look, standin, settings):
        settings.GITHUB_WORKFLOW = "no-such.yml"
        fact = look("schedule")["The schedule"]

        assert fact.state == State.MISSING
        assert "OPSCONSOLE_GITHUB_REPOSITORY" in fact.sentence


class TestScheduleRuns:
    def runs(self, told, *runs):
        found = [
            WorkflowRun(number, number, "", "schedule", status, end, at, at, at, "")
            for number, (status, end, at) in enumerate(runs, 1)
        ]
        told(github, "runs", WorkflowRuns(len(found), tuple(found)))

    def test_none_at_all(self, look, told):
        self.runs(told)
        assert look("schedule_runs")["No run"].state == State.MISSING

    def test_green_is_not_success(self, look, told):
        self.runs(told, ("completed", "success", timezone.now()))
        facts = look("schedule_runs")

        assert facts["Punctual"].state == State.FINE
        assert facts["Run 1"].state == State.NOTE
        assert "every repository failed" in facts["Green is not success"].sentence

    def test_red_and_under_way(self, look, told):
        now = timezone.now()
        runs = ("in_progress", None, now), ("completed", "timed_out", now)
        self.runs(told, *runs)
        facts = look("schedule_runs")

        assert facts["Run 1"].state == State.NOTE
        assert facts["Run 2"].state == State.WRONG
        assert "timed out" in facts["Run 2"].sentence
        assert "Green is not success" not in facts

    def test_a_run_that_did_not_come(self, look, told):
        late = timezone.now() - timedelta(hours=8)
        self.runs(told, ("completed", "success", late))
        punctual = look("schedule_runs")["Punctual"]

        assert punctual.state == State.WRONG
        assert "8 h ago" in punctual.sentence


class TestRateLimit:
    @pytest.mark.parametrize(
        ("left", "state"),
        [(4_000, State.FINE), (499, State.NOTE), (99, State.WRONG), (0, State.WRONG)],
    )
    def test_what_is_left(self, look, told, left, state):
        reset = timezone.now() + timedelta(minutes=30, seconds=5)
        told(github, "rate_limit", RateLimit(5_000, 5_000 - left, left, reset))
        fact = look("rate_limit")["GitHub's rate limit"]

        assert fact.state == state
        assert f"{left:,} of 5,000" in fact.sentence
        assert "in 30 min" in fact.sentence
        assert "another token" in fact.sentence


class TestHealth:
    def test_well(self, look, standin):
        [fact] = look("health").values()

        assert fact.state == State.FINE
        assert "storage" in fact.sentence

    def test_a_part_that_is_ill(self, look, told):
        parts = (
            PartHealth("db", "UNHEALTHY", "no answer"),
            PartHealth("rest", "ACTIVE_HEALTHY", ""),
        )
        told(supabase, "health", parts)
        facts = look("health")

        assert facts["db"].state == State.WRONG
        assert "no answer" in facts["db"].sentence
        assert facts["Health of the project"].sentence == "Healthy: rest."

    def test_nothing_said_is_unknown(self, look, told):
        told(supabase, "health", ())
        assert look("health")["Health of the project"].state == State.UNKNOWN


class TestBackups:
    def backups(self, told, *backups, point_in_time=False):
        made = [
            Backup(status, timezone.now() - timedelta(hours=hours), False)
            for status, hours in backups
        ]
        told(supabase, "backups", Backups(point_in_time, tuple(made)))

    def test_nightly(self, look, standin):
        [fact] = look("backups").values()

        assert (fact.name, fact.state) == ("Newest backup", State.FINE)

    def test_none(self, look, told):
        self.backups(told)
        assert look("backups")["Backups"].state == State.MISSING

    def test_old_and_failed(self, look, told):
        self.backups(told, ("FAILED", 5), ("COMPLETED", 80))
        facts = look("backups")

        assert facts["Newest backup"].state == State.WRONG
        assert "3 d ago" in facts["Newest backup"].sentence
        assert facts["Failed"].state == State.WRONG

    def test_any_moment(self, look, told):
        self.backups(told, point_in_time=True)
        [fact] = look("backups").values()

        assert fact.state == State.FINE

    def test_a_restore_is_never_offered(self, look, told):
        self.backups(told)
        assert all(fact.fix is None for fact in look("backups").values())


class TestServices:
    def test_configured(self, look, nowhere):
        assert {fact.state for fact in look("services").values()} == {State.FINE}

    def test_what_is_missing_is_a_note_with_its_variables(self, look, unconfigured):
        facts = look("services")

        assert {fact.state for fact in facts.values()} == {State.NOTE}
        assert "OPSCONSOLE_GITHUB_TOKEN" in facts["GitHub"].remedy
        assert "OPSCONSOLE_SUPABASE_KEY" in facts["The sync function"].remedy
