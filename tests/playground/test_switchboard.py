"""The sandbox's page: what is on, what each button does, who may press, what is kept."""

import json
from html import unescape

import pytest
from django.test import Client

from opsconsole.audit.models import Entry
from opsconsole.integrations import functions, github, supabase
from opsconsole.integrations.errors import NotFound, QuotaSpent, Unavailable, WrongToken
from opsconsole.playground.presets import PRESETS, USUAL

pytestmark = pytest.mark.platform
PAGE = "/sandbox/"
WRITES = ["press/quiet/", "repository/", "quota/", "clear/"]


def press(person, slug):
    return person.post(f"{PAGE}press/{slug}/", follow=True)


def patterns(standin):
    return [each["repository"] or each["endpoint"] for each in standin.faults.listed()]


class TestBeingThere:
    def test_without_a_standin_there_is_no_page(self, person, routed):
        routed("")

        assert person.get(PAGE).status_code == 404
        assert 'href="/sandbox/"' not in person.get("/operations/").text

    def test_with_one_it_is_in_the_menu(self, person, standin):
        assert '<a href="/sandbox/" data-go="x"' in person.get(PAGE).text

    def test_needs_a_sign_in(self, client, standin):
        assert client.get(PAGE).status_code == 302
        assert client.post(f"{PAGE}press/quiet/").status_code == 302

    def test_a_dead_standin_is_a_sentence(self, person, databases, routed):
        routed("http://127.0.0.1:9")
        page = person.get(PAGE)

        assert page.status_code == 200
        assert "The stand-in does not answer (ConnectError)" in page.text


class TestPage:
    def test_tells_what_is_on(self, person, standin):
        standin.github.quota.leave(77)
        standin.management.remove()
        standin.faults.add({"repository": "acme/*", "fault": "slow", "seconds": 3})
        page = person.get(PAGE).text

        assert "Not deployed" in page
        assert "<code>acme/*</code>" in page
        assert ">77" in page
        assert "Slow, 3 s late." in page

    def test_foreign_words_are_escaped(self, person, standin):
        standin.faults.add({"repository": "<b>/*", "fault": "404"})
        page = person.get(PAGE).text

        assert "&lt;b&gt;/*" in page
        assert "<b>/*" not in page

    def test_a_viewer_looks_on(self, looker, standin):
        standin.faults.add({"repository": "acme/*", "fault": "404"})
        page = looker.get(PAGE).text

        assert "Your role looks on" in page
        assert "acme/*" in page
        assert f'action="{PAGE}' not in page

    @pytest.mark.parametrize("path", WRITES)
    def test_a_viewer_presses_nothing(self, looker, standin, path):
        standin.faults.add({"repository": "acme/*", "fault": "404"})

        assert looker.post(f"{PAGE}{path}").status_code == 403
        assert patterns(standin) == ["acme/*"]
        assert not Entry.objects.filter(action="sandbox.switched").exists()

    @pytest.mark.parametrize("path", WRITES)
    def test_a_press_is_a_post_with_a_token(self, operator, standin, path):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(operator)

        assert strict.get(f"{PAGE}{path}").status_code == 405
        assert strict.post(f"{PAGE}{path}").status_code == 403


class TestPresets:
    @pytest.mark.parametrize("slug", PRESETS)
    def test_each_does_without_complaint(self, person, standin, slug):
        page = press(person, slug)

        assert f"{PRESETS[slug].label}. Done." in unescape(page.text)
        [entry] = Entry.objects.filter(action="sandbox.switched")
        assert entry.subject == PRESETS[slug].label
        assert entry.actor_name == "operator"
        assert json.loads(entry.body)["details"] == {"preset": slug, "outcome": "done"}

    def test_pressed_twice_is_on_once(self, person, standin):
        press(person, "github-down")
        press(person, "github-down")

        assert sorted(patterns(standin)) == ["*", "/rate_limit", "/repos/*"]

    def test_github_down(self, person, standin):
        press(person, "github-down")

        for question in (github.rate_limit, github.workflow):
            with pytest.raises(Unavailable):
                question(github.client(timeout=1))

    def test_wrong_token(self, person, standin):
        press(person, "wrong-token")

        for question in (github.rate_limit, github.workflow):
            with pytest.raises(WrongToken):
                question(github.client(timeout=1))

    def test_quota_spent(self, person, standin):
        page = press(person, "quota-spent")

        with pytest.raises(QuotaSpent):
            github.enable(github.client(timeout=1))
        assert github.rate_limit(github.client()).remaining == 0
        assert "wants to be asked again after 60 s." in page.text

    def test_time_out(self, person, standin):
        press(person, "function-times-out")

        [fault] = standin.faults.listed()
        assert (fault["status"], fault["done"]) == (504, "half")
        assert standin.faults.of_endpoint("POST", functions.SYNC) is not None

    def test_answers_lost(self, person, standin):
        press(person, "answers-lost")

        path = "/repos/a/b/actions/workflows/x.yml/dispatches"
        assert standin.faults.of_endpoint("POST", path).lost

    def test_remove_and_deploy(self, person, standin):
        press(person, "remove-function")
        with pytest.raises(NotFound):
            functions.sync(functions.client(timeout=2))
        assert supabase.function(supabase.client(), "workspace-issues-sync") is None

        press(person, "deploy-function")
        assert supabase.function(supabase.client(), "workspace-issues-sync")

    def test_schedule(self, person, standin):
        before = github.runs(github.client(), event="schedule").total
        press(person, "schedule-now")

        assert github.runs(github.client(), event="schedule").total == before + 1

    def test_quiet_puts_all_of_it_back(self, person, standin):
        for slug in ("github-down", "quota-spent", "remove-function", "quiet"):
            press(person, slug)

        assert patterns(standin) == []
        assert github.rate_limit(github.client()).remaining == USUAL
        assert standin.management.has("workspace-issues-sync")

    def test_of_no_such_button(self, person, standin):
        assert press(person, "nothing").status_code == 404

    def test_a_dead_standin_is_said_and_kept(self, person, databases, routed):
        routed("http://127.0.0.1:9")
        page = press(person, "quiet")

        assert "Everything quiet was not done. The stand-in does not" in page.text
        details = json.loads(Entry.objects.get(action="sandbox.switched").body)
        assert details["details"]["outcome"].startswith("The stand-in does not answer")


class TestAsked:
    def test_a_repository_fails(self, person, standin):
        wanted = {"repository": "acme/app", "fault": "404"}
        page = person.post(f"{PAGE}repository/", wanted, follow=True)

        assert "GitHub answers 404: not found." in page.text
        assert standin.faults.of_repository("acme/app").fault == "404"

    @pytest.mark.parametrize("name", ["", "acme", "acme/a b", "a/b/c", "x" * 201])
    def test_no_repository(self, person, standin, name):
        wanted = {"repository": name, "fault": "404"}
        page = person.post(f"{PAGE}repository/", wanted)

        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
        assert patterns(standin) == []

    def test_every_trouble_is_the_standins(self, person, standin):
        from opsconsole.playground.words import TROUBLES

        for fault in TROUBLES:
            wanted = {"repository": "*", "fault": fault}
            assert person.post(f"{PAGE}repository/", wanted).status_code == 302
            assert standin.faults.listed()[0]["fault"] == fault

    @pytest.mark.parametrize("remaining", [0, 5_000])
    def test_quota(self, person, standin, remaining):
        person.post(f"{PAGE}quota/", {"remaining": remaining})

        assert standin.github.quota.resource()["remaining"] == remaining

    @pytest.mark.parametrize("remaining", [-1, 5_001, "many", ""])
    def test_no_quota(self, person, standin, remaining):
        page = person.post(f"{PAGE}quota/", {"remaining": remaining})

        assert page.status_code == 422
        assert "Give a number from 0 to 5,000." in page.text
        assert not Entry.objects.filter(action="sandbox.switched").exists()

    def test_one_is_cleared(self, person, standin):
        press(person, "wrong-token")
        person.post(f"{PAGE}clear/", {"of": "/rate_limit"})

        assert patterns(standin) == ["/repos/*"]

    def test_all_are_cleared(self, person, standin):
        press(person, "wrong-token")
        page = person.post(f"{PAGE}clear/", follow=True)

        assert patterns(standin) == []
        assert "No fault is on" in page.text
