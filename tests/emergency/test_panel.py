"""The panel and its parts, for who may act and who may look."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from opsconsole.emergency import quota, ways
from opsconsole.emergency.models import QuotaSample, StopCheck
from opsconsole.history.models import FunctionResponse
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.operations.steps import Call
from tests import factories
from tests.emergency.conftest import WTR

pytestmark = pytest.mark.platform
PANEL = "/emergency/"
DOWN = "http://127.0.0.1:9"


@pytest.fixture
def person(operator, client_of):
    return client_of(operator)


@pytest.fixture
def looker(viewer, client_of):
    return client_of(viewer)


def begin(person, slug):
    return person.post(f"/emergency/{slug}/plan/")


class TestPanel:
    def test_offers_every_way_and_gives_the_first_the_keyboard(self, person):
        page = person.get(PANEL).text

        for slug in ways.WAYS:
            assert f'id="begin-{slug}"' in page
        assert page.count("autofocus>") == 1
        assert 'id="begin-stop-all-syncs" autofocus' in page
        assert "Nothing is stopped" in page
        forms = page.split("<form")[1:]
        assert all("csrfmiddlewaretoken" in form for form in forms if "begin-" in form)

    def test_is_in_the_menu_with_a_key(self, person):
        assert '<a href="/emergency/" data-go="e"' in person.get("/").text

    def test_a_viewer_sees_it_and_cannot_act(self, looker, stopped):
        page = looker.get(PANEL)

        assert page.status_code == 200
        assert "Syncs are stopped" in page.text
        assert "Your role may look but not act" in page.text
        assert "begin-" not in page.text.replace("id-begin", "")
        assert "resume-" not in page.text.replace("way-resume", "")

    def test_asks_neither_the_platform_nor_github(self, person, settings, unreachable):
        settings.GITHUB_API = DOWN
        page = person.get(PANEL)

        assert page.status_code == 200
        assert "The platform&#x27;s database" in page.text or "platform" in page.text

    def test_says_who_stopped_and_what_the_watch_found(self, person, stopped):
        StopCheck.objects.create(
            run=stopped, at=timezone.now(), syncing=2, due=1, synced=0, added=2
        )
        page = person.get(PANEL).text

        assert "the quota is spent, ticket 4711" in page
        assert "2 rows in the sync, 1 due now." in page
        assert reverse("emergency:rows") in page
        assert f'id="resume-{stopped.pk}"' in page

    def test_unknown_is_not_zero(self, person, stopped):
        StopCheck.objects.create(
            run=stopped, at=timezone.now(), platform_problem="It is asleep."
        )
        page = person.get(PANEL).text

        assert "What the rows do is unknown." in page
        assert "It is asleep." in page
        assert "No row is in the sync" not in page

    def test_while_stopped_what_holds_is_read_first(self, person, stopped):
        assert "autofocus>" not in person.get(PANEL).text

        Run.objects.filter(pk=stopped.pk).update(state=State.CANCELLED)
        assert "autofocus>" in person.get(PANEL).text

    def test_names_a_run_that_is_under_way(self, person, stopped):
        Run.objects.filter(pk=stopped.pk).update(state=State.QUEUED)

        assert f"Stop all syncs, run {stopped.pk}" in person.get(PANEL).text

    def test_costs_a_few_queries(self, person, stopped, django_assert_max_num_queries):
        StopCheck.objects.create(run=stopped, at=timezone.now(), syncing=0)
        person.get(PANEL)
        with django_assert_max_num_queries(20):
            person.get(PANEL)


class TestBegin:
    def test_plans_a_stop_and_opens_its_reason(self, person, row):
        row()
        answer = begin(person, "stop-all-syncs")

        run = Run.objects.get()
        assert (run.operation, run.state) == ("stop-all-syncs", State.PLANNED)
        assert answer.url == f"/operations/runs/{run.pk}/#id_reason"

    def test_slows_down_with_relief_at_once(self, person, row):
        row()
        begin(person, "double-intervals")

        params = Run.objects.get().params
        assert (params["factor"], params["floor"], params["relief"]) == (2, 48, True)
        assert params["tiers"] == ["free", "pro", "team"]

    def test_limits_fifty_free_workspaces(self, person, row):
        row()
        begin(person, "limit-free-tier")

        assert Run.objects.get().params == {"how_many": 50}

    def test_is_refused_to_a_viewer(self, looker, row):
        assert begin(looker, "stop-all-syncs").status_code == 403
        assert not Run.objects.exists()

    def test_takes_the_ways_of_the_panel_alone(self, person):
        assert begin(person, "set-priority").status_code == 404
        assert person.get("/emergency/stop-all-syncs/plan/").status_code == 405

    def test_what_cannot_be_planned_is_said_on_the_panel(self, person, databases):
        answer = person.post("/emergency/limit-free-tier/plan/", follow=True)

        assert answer.redirect_chain[-1][0] == PANEL
        assert "there is nothing to limit" in answer.text

    def test_stops_while_github_is_down(
        self, person, row, standin, settings, monkeypatch
    ):
        monkeypatch.setattr("opsconsole.operations.catalog.workflows.SECONDS", 0.2)
        settings.GITHUB_API = DOWN
        row()
        begin(person, "stop-all-syncs")

        run = Run.objects.get()
        assert run.state == State.PLANNED
        optional = [step for step in run.summary["steps"] if step["kind"] == Call.kind]
        assert len(optional) == 1


class TestResume:
    def test_plans_the_undo(self, person, stopped):
        answer = person.post(f"/emergency/resume/{stopped.pk}/")

        undo = stopped.undos.get()
        assert answer.url == f"/operations/runs/{undo.pk}/#id_reason"

    def test_is_refused_to_a_viewer(self, looker, stopped):
        answer = looker.post(f"/emergency/resume/{stopped.pk}/")

        assert answer.status_code == 403
        assert not stopped.undos.exists()

    def test_takes_a_stop_alone(self, person, row):
        row()
        begin(person, "double-intervals")
        other = Run.objects.get()

        assert person.post(f"/emergency/resume/{other.pk}/").status_code == 404

    def test_says_what_is_in_the_way(self, person, stopped, resume):
        resume(stopped)
        answer = person.post(f"/emergency/resume/{stopped.pk}/", follow=True)

        assert "undone already" in answer.text


class TestLookNow:
    def test_works_without_any_worker(self, person, stopped):
        person.post("/emergency/check/")

        assert StopCheck.objects.get().syncing == 0

    def test_is_not_repeated_at_once(self, person, stopped):
        person.post("/emergency/check/")
        answer = person.post("/emergency/check/", follow=True)

        assert StopCheck.objects.count() == 1
        assert "Somebody looked" in answer.text

    def test_says_when_nothing_is_stopped(self, person):
        assert (
            "Nothing is stopped" in person.post("/emergency/check/", follow=True).text
        )


class TestRows:
    def test_names_what_was_added_and_what_was_switched_on(
        self, person, stopped, row, platform_sql
    ):
        platform_sql(f"UPDATE {WTR} SET added_at = now() - interval '1 day'")
        platform_sql(f"UPDATE {WTR} SET fetch_issues = true")
        row(name="acme/new")
        page = person.get("/emergency/rows/").text

        assert "acme/new" in page
        assert "added" in page
        assert page.count("switched on") == 2
        assert 'id="stop-these"' in page

    def test_the_button_catches_exactly_these(self, person, stopped, row):
        key = row()
        begin(person, "stop-all-syncs")

        run = Run.objects.order_by("pk").last()
        planned = {
            key for step in run.steps.all() for c in step.chunks.all() for key in c.keys
        }
        assert planned == {key}

    def test_a_viewer_has_no_button(self, looker, stopped, row):
        row()
        assert 'id="stop-these"' not in looker.get("/emergency/rows/").text

    def test_a_silent_platform_says_so(self, person, stopped, unreachable):
        assert "is unknown" in person.get("/emergency/rows/").text


class TestTouches:
    def touches(self, person, slug):
        return person.get(f"/emergency/{slug}/touches/").text

    def test_counts_what_it_touches_and_saves(self, person, row):
        row(), row()
        said = self.touches(person, "stop-all-syncs")

        assert "Would touch 2 rows now." in said
        assert "Saves about 0.1 of 0.1 calls/h" in said

    def test_of_nothing(self, person):
        assert "Nothing to do now." in self.touches(person, "stop-all-syncs")

    def test_what_is_slow_enough_saves_nothing(self, person, platform_sql):
        factories.tracked(platform_sql, sync_frequency_hours=168)
        said = self.touches(person, "double-intervals")

        assert "Nothing to do now." in said
        assert "Saves about 0.0 of 0.0 calls/h" in said

    def test_what_the_operation_itself_refuses(self, person):
        said = self.touches(person, "limit-free-tier")

        assert "there is nothing to limit" in said
        assert "calls/h" not in said

    @pytest.mark.parametrize(
        ("slug", "saved"),
        [("stop-all-syncs", 2), ("double-intervals", 1), ("limit-free-tier", 2)],
    )
    def test_saves_what_its_plan_says(self, person, platform_sql, slug, saved):
        for _ in range(48):
            factories.tracked(platform_sql, sync_frequency_hours=24)
        said = self.touches(person, slug)

        assert f"Saves about {saved}.0 of 2.0 calls/h" in said

    def test_a_schedule_that_is_full_even_then_saves_none(self, person, platform_sql):
        for _ in range(200):
            factories.tracked(platform_sql, sync_frequency_hours=24)
        said = self.touches(person, "double-intervals")

        assert "Saves about no calls: 4.2 repositories an hour fall due" in said

    def test_does_not_ask_github(self, person, row, settings, monkeypatch):
        def ask(*args, **kwargs):
            raise AssertionError("GitHub was asked")

        monkeypatch.setattr("opsconsole.integrations.github.client", ask)
        row()
        assert "Would touch 1 row now" in self.touches(person, "stop-all-syncs")

    def test_of_a_silent_platform_is_unknown(self, person, unreachable):
        assert "is unknown" in self.touches(person, "stop-all-syncs")

    def test_of_no_such_action(self, person):
        assert person.get("/emergency/set-priority/touches/").status_code == 404


class TestGap:
    """What fell out of the schedule's reach of 24 h since the stop began."""

    @pytest.fixture
    def gap(self, person, standin, row, stop_all, resume, platform_sql):
        """The part, for a stop begun and a row synced so many hours ago."""
        row()
        run = stop_all()
        resume(run)

        def page(begun, synced):
            began = timezone.now() - timedelta(hours=begun)
            Run.objects.filter(pk=run.pk).update(started_at=began)
            at = timezone.now() - timedelta(hours=synced)
            platform_sql(f"UPDATE {WTR} SET last_sync_at = %s", at)
            return person.get("/emergency/gap/").text

        return page

    def test_offers_to_catch_up_since_the_stop(self, gap):
        page = gap(25, 26)

        assert "1 row with a gap" in page
        assert "/operations/catch-up/plan/?since=" in page

    def test_what_the_schedule_still_reaches_has_none(self, gap):
        assert "no repository has a gap" in gap(22, 23)

    def test_without_the_sync_function_it_says_why(self, gap, settings):
        settings.SUPABASE_KEY = ""

        assert "OPSCONSOLE_SUPABASE_KEY" in gap(25, 26)

    def test_the_link_fills_the_form_in(self, gap, person):
        since = "2026-11-20 12:30:00"
        gap(25, 26)
        form = person.get("/operations/catch-up/plan/", {"since": since}).text

        assert f'value="{since}"' in form

    def test_without_a_resumed_stop(self, person, databases):
        assert "No stop has been resumed" in person.get("/emergency/gap/").text


class TestRateLimit:
    def test_shows_what_github_says(self, person, standin):
        page = person.get("/emergency/rate-limit/").text

        assert "Remaining" in page
        assert "calls/h" in page
        assert "in " in page
        assert "Read just now" in page

    def test_without_a_token_the_rest_is_there(self, person, settings):
        settings.GITHUB_TOKEN = ""
        page = person.get("/emergency/rate-limit/").text

        assert "GitHub is not configured" in page
        assert "OPSCONSOLE_GITHUB_TOKEN" in page
        assert "Who uses it" in page

    def test_github_that_is_down_shows_the_last_sample(self, person, standin, settings):
        settings.GITHUB_API = DOWN
        at = timezone.now() - timedelta(minutes=20)
        QuotaSample.objects.create(
            at=at, limit=5000, used=4, remaining=4996, reset=at + timedelta(hours=1)
        )
        page = person.get("/emergency/rate-limit/").text

        assert "GitHub could not be asked" in page
        assert "4\u202f996" in page
        assert "20 min ago" in page

    def test_an_hour_that_is_over_says_nothing_of_what_remains(
        self, person, standin, settings
    ):
        settings.GITHUB_API = DOWN
        at = timezone.now() - timedelta(hours=2)
        QuotaSample.objects.create(
            at=at, limit=5000, used=4, remaining=4996, reset=at + timedelta(hours=1)
        )
        page = person.get("/emergency/rate-limit/")

        assert page.context["is_over"]
        assert "not read again yet" in page.text

    def test_slow_github_does_not_delay_it(self, person, standin, monkeypatch):
        asked = []
        monkeypatch.setattr(
            quota,
            "read",
            lambda seconds: asked.append(seconds) or QuotaSample(problem="slow"),
        )
        person.get("/emergency/rate-limit/")

        assert asked == [0.6]

    def test_draws_the_trend_with_its_table(self, person, databases):
        now = timezone.now()
        for minutes in (1, 12, 35):
            at = now - timedelta(minutes=minutes)
            QuotaSample.objects.create(at=at, limit=60, used=1, remaining=40 + minutes)
        page = person.get("/emergency/rate-limit/").text

        assert page.count("<polyline") == 2
        assert page.count('class="dot ') == 1
        assert '<td class="numeric">52</td>' in page
        assert '<td class="numeric">unknown</td>' in page

    def test_says_who_uses_it_and_what_nobody_knows(self, person, platform_sql):
        workspace = factories.workspace(platform_sql, name="Busy")
        self.answered(workspace, 5, minutes=30)
        self.answered(workspace, 7, minutes=90)
        self.answered(workspace, None, minutes=100)
        self.answered(None, 3, minutes=120)
        self.answered(None, 900, minutes=60 * 25)
        uses = person.get("/emergency/rate-limit/").context["uses"]

        found = [(use.who, use.hour, use.day, use.silent) for use in uses]
        assert found == [("Busy", 5, 12, 1), ("All workspaces together", 0, 3, 0)]
        page = person.get("/emergency/rate-limit/").text
        assert "Everybody else" in page
        assert "more than this" in page

    def answered(self, workspace, calls, *, minutes):
        FunctionResponse.objects.create(
            at=timezone.now() - timedelta(minutes=minutes),
            took=timedelta(seconds=1),
            workspace_id=workspace,
            limit=10,
            hours_back=24,
            dry_run=False,
            status=200,
            calls=calls,
        )

    def test_only_silent_answers_are_unknown(self, person, databases):
        self.answered(None, None, minutes=5)
        [use] = person.get("/emergency/rate-limit/").context["uses"]

        assert (use.hour, use.day, use.silent) == (None, None, 1)


def test_a_stop_while_github_is_down_pauses_the_rows_and_says_what_failed(
    person, row, standin, settings, applied, platform_sql
):
    settings.GITHUB_API = DOWN
    row()
    begin(person, "stop-all-syncs")
    run = applied(Run.objects.get())

    assert platform_sql(f"SELECT fetch_issues, is_active FROM {WTR}") == [
        (False, False)
    ]
    assert run.state == State.APPLIED_WITH_PROBLEMS
    assert "Switch the schedule off" in person.get(run.get_absolute_url()).text
    assert "Syncs are stopped since" in person.get(PANEL).text
