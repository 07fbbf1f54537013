"""The page, its pieces, who may do what, and the command."""

import json
from io import StringIO
from time import monotonic

import psycopg
import pytest
from django.core.cache import cache
from django.core.management import call_command

from opsconsole.deployment import looking
from opsconsole.deployment.checks import CHECKS, schedule
from opsconsole.deployment.facts import LEVELS, Fact, State
from opsconsole.deployment.registry import STEPS, Check, by_step
from opsconsole.integrations import github
from opsconsole.integrations.github_shapes import Workflow
from opsconsole.platform import deadline
from opsconsole.web import words
from tests import factories
from tests.conftest import PLATFORM

pytestmark = pytest.mark.platform
PAGE = "/deployment/"


def run_command(*arguments):
    """Exit status and what was printed."""
    out, status = StringIO(), 0
    try:
        call_command("deployment", *arguments, stdout=out)
    except SystemExit as end:
        status = end.code
    return status, out.getvalue()


class TestRegistry:
    def test_every_step_of_the_quick_start_has_a_check(self):
        assert [step for step, checks in by_step() if checks] == list(STEPS)

    def test_every_check_explains_itself(self):
        assert all(check.look.__doc__ for check in CHECKS.values())

    def test_every_state_has_a_look_of_its_own(self):
        assert set(LEVELS) == set(State)
        assert len({words.FACTS[state].icon for state in State}) == len(State)


class TestPage:
    def test_asks_nobody(self, person, nowhere, unreachable, monkeypatch):
        def ask(*args, **kwargs):
            raise AssertionError("a service was asked")

        monkeypatch.setattr("opsconsole.integrations.client.Client.get", ask)
        page = person.get(PAGE)

        assert page.status_code == 200
        for slug in CHECKS:
            assert f'hx-get="/deployment/{slug}/"' in page.text

    def test_is_in_the_menu_with_a_key(self, person):
        assert '<a href="/deployment/" data-go="y"' in person.get(PAGE).text

    def test_looks_again(self, person):
        assert f'hx-get="{PAGE}tables/?again=1"' in person.get(f"{PAGE}?again=1").text

    def test_needs_a_sign_in(self, client, databases):
        assert client.get(PAGE).status_code == 302
        assert client.get(f"{PAGE}tables/").status_code == 302

    def test_takes_no_posts(self, person):
        assert person.post(PAGE).status_code == 405
        assert person.post(f"{PAGE}tables/").status_code == 405


class TestPiece:
    @pytest.mark.parametrize("slug", sorted(CHECKS))
    def test_opens(self, person, standin, slug):
        page = person.get(f"{PAGE}{slug}/")

        assert page.status_code == 200
        assert f'id="check-{slug}"' in page.text
        assert "The console itself failed" not in page.text

    @pytest.mark.parametrize("slug", sorted(CHECKS))
    def test_opens_with_everything_down(self, person, nowhere, unreachable, slug):
        page = person.get(f"{PAGE}{slug}/")

        assert page.status_code == 200
        assert "The console itself failed" not in page.text

    def test_a_locked_table_is_not_waited_for(self, person, unconfigured):
        with psycopg.connect(PLATFORM) as other:
            other.execute("LOCK TABLE workspace_repositories IN ACCESS EXCLUSIVE MODE")
            begun = monotonic()
            page = person.get(f"{PAGE}linked/")
            took = monotonic() - begun

        assert "took too long to answer" in page.text
        assert took < deadline.PAGE + deadline.HANG_UP + 1.0  # on a busy machine

    def test_names_state_source_and_age(self, person, standin):
        page = person.get(f"{PAGE}schedule/").text

        assert "Fine" in page
        assert "From GitHub, <time" in page

    def test_of_no_such_check(self, person):
        assert person.get(f"{PAGE}nothing/").status_code == 404

    def test_offers_the_operation_to_who_may_run_it(self, person, nowhere, off):
        assert (
            "/operations/switch-schedule/plan/?to=on"
            in person.get(f"{PAGE}schedule/").text
        )

    def test_a_viewer_sees_the_fact_without_a_button(self, looker, nowhere, off):
        page = looker.get(f"{PAGE}schedule/").text

        assert "somebody switched it off" in page
        assert "/operations/" not in page
        assert 'class="button small"' not in page

    def test_foreign_text_is_escaped(self, person, nowhere, monkeypatch):
        found = Workflow(1, "x", "<b>odd</b>", "")
        monkeypatch.setattr(github, "workflow", lambda client: found)
        page = person.get(f"{PAGE}schedule/").text

        assert "&lt;b&gt;odd" in page
        assert "<b>odd" not in page

    @pytest.fixture
    def off(self, monkeypatch):
        found = Workflow(1, "sync", "disabled_manually", "")
        monkeypatch.setattr(github, "workflow", lambda client: found)


class TestSharing:
    @pytest.fixture
    def counted(self, databases):
        cache.clear()
        looked = []

        def look():
            looked.append(True)
            yield Fact("It", State.FINE, "It is.", "us")

        return Check("counted", "Counted", STEPS[0], 1, "us", look), looked

    def test_several_people_share_one_look(self, counted):
        check, looked = counted
        looking.shared(check), looking.shared(check)

        assert len(looked) == 1

    def test_again_looks_now(self, counted, monkeypatch):
        check, looked = counted
        monkeypatch.setattr(looking, "AGAIN", looking.AGAIN * 0)
        looking.shared(check), looking.shared(check, again=True)

        assert len(looked) == 2

    def test_a_bug_is_a_fact_and_in_the_log(self, databases, caplog):
        def broken():
            yield Fact("It", State.FINE, "It is.", "us")
            raise ValueError("secret")

        [fact] = looking.look(Check("broken", "Broken", STEPS[0], 1, "us", broken))

        assert fact.state == State.UNKNOWN
        assert "secret" not in fact.sentence
        assert "ValueError" in caplog.text


class TestCommand:
    def test_prints_every_check_and_what_to_do(self, standin, platform_sql):
        factories.tracked(platform_sql)
        status, said = run_command()

        for check in CHECKS.values():
            assert f"{check.step}: {check.title}" in said
        assert "→ manage.py run_operation force-sync --repositories " in said
        assert " --dry-run\n" in said
        assert status == ("missing" in said or "wrong" in said)

    def test_exits_with_0_when_nothing_is_missing_or_wrong(self, only, databases):
        only(State.FINE, State.NOTE, State.UNKNOWN)
        assert run_command()[0] == 0

    @pytest.mark.parametrize("state", [State.MISSING, State.WRONG])
    def test_exits_with_1_when_something_is(self, only, databases, state):
        only(State.FINE, state)
        assert run_command()[0] == 1

    def test_json_has_the_same_facts(self, only, databases):
        only(State.FINE, State.WRONG)
        status, said = run_command("--json")

        assert status == 1
        assert [fact["state"] for fact in json.loads(said)] == ["fine", "wrong"]

    def test_works_while_everything_is_down(self, nowhere, unreachable):
        status, said = run_command("--json")

        assert status == 0
        assert {fact["check"] for fact in json.loads(said)} == set(CHECKS)

    def test_names_the_command_of_a_choice(self, standin, monkeypatch):
        found = Workflow(1, "sync", "disabled_manually", "")
        monkeypatch.setattr(github, "workflow", lambda client: found)

        assert "→ manage.py run_operation switch-schedule --to on" in run_command()[1]

    @pytest.fixture
    def only(self, monkeypatch):
        """The command finds facts of these states and no others."""

        def states(*states):
            facts = [Fact(state, state, "So it is.", "us") for state in states]
            check = Check("one", schedule.NAME, STEPS[5], 1, "us", lambda: iter(facts))
            monkeypatch.setattr(
                "opsconsole.deployment.registry.by_step", lambda: [(STEPS[5], [check])]
            )

        return states
