"""The page of one tracked repository."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.html import escape

from opsconsole.history.models import Outcome, Sample
from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.planning import planner
from opsconsole.platform import flags
from opsconsole.platform.diagnosis import BY_WORD, WORDS
from tests.operations.outside import point_to

pytestmark = pytest.mark.platform
NASTY = "<script>alert(1)</script>'; DROP TABLE workspaces; --"


def page_of(key):
    return f"/workspaces/repositories/{key}/"


@pytest.fixture
def acme(make):
    return make.workspace("Acme", tier="pro")


def also_in(make, key, workspace, **values):
    """A row of the same repository for another workspace."""
    [(tracked, added_by)] = make.sql(
        "SELECT tracked_repository_id, added_by FROM workspace_tracked_repositories"
        " WHERE id = %s",
        key,
    )
    other = make.tracked(workspace, added_by=added_by, **values)
    make.sql(
        "UPDATE workspace_tracked_repositories SET tracked_repository_id = %s"
        " WHERE id = %s",
        tracked,
        other,
    )
    return other


@pytest.fixture
def confirmed(operator):
    def made(*keys):
        operation = OPERATIONS["reset-failed-sync"]
        form = operation.Form({"repositories": keys})
        assert form.is_valid(), form.errors
        asked = planner.Request(operator, "browser")
        run = planner.plan(operation, form.cleaned_data, asked)
        decisions.confirm(
            run, operator, plan_hash=run.plan_hash, reason="They ask for it."
        )
        return run

    return made


class TestAccess:
    def test_asks_strangers_to_sign_in(self, client, databases):
        assert client.get(page_of(uuid4())).status_code == 302

    def test_refuses_a_person_without_a_role(self, client_of, django_user_model, make):
        nobody = django_user_model.objects.create_user("nobody")

        assert client_of(nobody).get(page_of(make.tracked())).status_code == 403

    def test_answers_no_post(self, person, make):
        assert person.post(page_of(make.tracked())).status_code == 405

    def test_says_that_there_is_no_such_row(self, person, make):
        make.tracked()

        response = person.get(page_of(uuid4()))

        assert response.status_code == 404
        assert "The platform has no tracked repository with this id." in response.text
        assert 'href="/workspaces/"' in response.text


class TestWhy:
    @pytest.mark.parametrize("word", WORDS)
    def test_explains_the_word_in_full(self, person, one_of_each, word):
        response = person.get(page_of(one_of_each[word]))

        first = response.context["explained"][0]
        assert (response.context["row"].word, first.word) == (word, word)
        assert first.sentence == BY_WORD[word].sentence
        text = response.text
        assert BY_WORD[word].sentence in text
        assert BY_WORD[word].advice in text

    def test_explains_each_flag(self, person, make, acme):
        key = make.tracked(acme, sync_attempts=2, sync_frequency_hours=1)
        also_in(make, key, make.workspace())

        response = person.get(page_of(key))

        assert [one.word for one in response.context["explained"][1:]] == [*flags.WORDS]
        for flag in flags.FLAGS:
            assert escape(flag.sentence) in response.text

    def test_quotes_a_refusal(self, person, make, acme, refuse):
        key = make.tracked(acme, name="acme/gone")
        refuse("acme/gone", "GitHub API returned 404")

        text = person.get(page_of(key)).text

        assert "refused 5 min ago: GitHub API returned 404" in text

    def test_suggests_to_those_who_may(self, worker, make, acme):
        key = make.failed(acme)

        text = worker.get(page_of(key)).text

        assert f"/operations/reset-failed-sync/plan/?repositories={key}" in text
        assert 'action="/operations/set-interval/plan/"' in text

    def test_suggests_nothing_to_others(self, person, make, acme):
        text = person.get(page_of(make.failed(acme))).text

        assert "reset-failed-sync" not in text
        assert "set-interval" not in text


class TestFacts:
    def test_are_all_there(self, person, make, acme):
        key = make.tracked(
            acme,
            name="acme/site",
            sync_frequency_hours=12,
            priority_score=73,
            data_retention_days=45,
            is_active=False,
            notes="ask Ada",
            total_issues_fetched=1234,
        )
        make.sql("UPDATE repositories SET stargazers_count = 4321, is_archived = true")

        text = person.get(page_of(key)).text

        for words in ("12 h", "73", "45 days", "ask Ada", "1\u202f234", "4\u202f321"):
            assert words in text
        assert 'href="https://github.com/acme/site"' in text
        assert f'href="/workspaces/{acme}/"' in text

    def test_cope_with_nothing_but_nulls(self, person, make, acme):
        key = make.tracked(acme)
        for table in ("workspace_tracked_repositories", "repositories"):
            columns = make.sql(
                "SELECT column_name::text FROM information_schema.columns"
                " WHERE table_name = %s AND is_nullable = 'YES'",
                table,
            )
            make.sql(
                f"UPDATE {table} SET "
                + ", ".join(f"{name} = NULL" for (name,) in columns)
            )

        text = person.get(page_of(key)).text

        for words in ("Paused", "not scheduled", "24 h by default", "not set"):
            assert words in text

    def test_show_an_error_escaped_and_cut(self, person, make, acme):
        key = make.failed(acme, last_sync_error=NASTY + "x" * 1_000_000)

        response = person.get(page_of(key))

        assert "<script>alert" not in response.text
        assert "&lt;script&gt;alert(1)" in response.text
        assert len(response.text) < 100_000
        group = response.context["found"].error_group
        assert f'href="/workspaces/health/errors/{group}/"' in response.text

    def test_say_that_an_error_is_left_over(self, person, make, acme):
        key = make.tracked(acme, last_sync_error="old", notes=NASTY)

        text = person.get(page_of(key)).text

        assert "this is left over" in text
        assert "/workspaces/health/errors/" not in text
        assert "<script>alert" not in text

    def test_cut_notes(self, person, make, acme):
        key = make.tracked(acme, notes="n" * 100_000)

        assert len(person.get(page_of(key)).text) < 60_000


class TestOthers:
    def test_are_named_with_their_own_words(self, person, make, acme):
        key = make.tracked(acme)
        make.tracked(acme)
        gone = make.workspace(NASTY, tier="team", is_active=False)
        other = also_in(make, key, gone, fetch_issues=False, sync_frequency_hours=48)

        response = person.get(page_of(key))

        [found] = response.context["found"].others
        assert (found.pk, found.word) == (other, "paused")
        assert f'href="{page_of(other)}"' in response.text
        assert "48" in response.text
        assert "<script>alert" not in response.text

    def test_are_cut(self, person, make, acme):
        key = make.tracked(acme)
        for number in range(27):
            also_in(make, key, make.workspace(f"Also {number:02}"))

        text = person.get(page_of(key)).text

        assert "The first 25." in text
        assert "Also 24" in text
        assert "Also 25" not in text

    def test_are_left_out_without_any(self, person, make, acme):
        assert "Also tracked for" not in person.get(page_of(make.tracked(acme))).text


class TestPast:
    def test_shows_thirty_days_and_their_gaps(self, person, make, acme):
        key, now = make.tracked(acme), timezone.now()
        today = now.astimezone(UTC).date()
        for age, values in {
            0: {"succeeded": 1},
            2: {"failed": 1},
            3: {},
        }.items():
            Outcome.objects.create(row=key, day=today - timedelta(days=age), **values)
        noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
        yesterday = noon - timedelta(days=1)
        Sample.objects.create(
            at=yesterday, took=timedelta(seconds=1), outcomes_until=yesterday
        )

        response = person.get(page_of(key))

        strip = response.context["strip"]
        assert len(strip.days) == 30
        assert [day.word for day in strip.days[-5:]] == [
            "unknown",
            "missed",
            "failed",
            "nothing expected",
            "success",
        ]
        assert {word: count for word, _, count in strip.summary} == {
            "success": 1,
            "failed": 1,
            "missed": 1,
            "nothing expected": 1,
            "unknown": 26,
        }
        day = today - timedelta(days=2)
        assert f"{day:%-d %b}: failed</span>" in response.text

    def test_shows_confirmed_runs_and_their_entries(
        self, person, make, acme, confirmed
    ):
        key, other = make.failed(acme), make.failed(acme)
        run = confirmed(key)
        confirmed(other)

        response = person.get(page_of(key))

        assert [event["url"] for event in response.context["runs"]] == [
            run.get_absolute_url()
        ]
        assert response.context["entries"]

    def test_shows_responses_that_name_it(self, person, make, acme, refuse):
        key = make.tracked(acme, name="acme/site")
        refuse("acme/site", NASTY)
        refuse("acme/other", "somebody else's")

        response = person.get(page_of(key))

        assert len(response.context["responses"]) == 1
        assert "<script>alert" not in response.text
        assert "somebody else&#x27;s" not in response.text

    def test_says_that_there_is_none(self, person, make, acme):
        text = person.get(page_of(make.tracked(acme))).text

        assert "No run of the console has touched it." in text
        assert "No kept response of the sync function names it." in text


class TestCosts:
    def test_at_most_twelve_queries(
        self, worker, make, acme, confirmed, refuse, queries, sampled
    ):
        key = make.failed(acme, name="acme/site")
        refuse("acme/site")
        confirmed(key)
        few = queries(worker, page_of(key))
        for _ in range(5):
            also_in(make, key, make.workspace())
            refuse("acme/site")

        assert len(queries(worker, page_of(key))) == len(few)
        assert len(few) <= 12


class TestWithoutThePlatform:
    def test_shows_what_the_console_knows(self, person, make, acme, confirmed, request):
        key = make.failed(acme)
        run = confirmed(key)
        request.getfixturevalue("unreachable")

        response = person.get(page_of(key))

        assert response.status_code == 200
        assert "does not answer" in response.text
        assert run.get_absolute_url() in response.text
        assert "Last 30 days" in response.text

    def test_answers_while_a_table_is_locked(
        self, person, make, acme, confirmed, locked
    ):
        key = make.failed(acme)
        run = confirmed(key)
        person.get(page_of(key))
        locked("workspace_tracked_repositories")
        began = monotonic()

        text = person.get(page_of(key)).text

        assert monotonic() - began < 2.5
        assert "took too long to answer" in text
        assert run.get_absolute_url() in text

    def test_says_which_column_is_missing(self, person, make, acme, rename):
        key = make.tracked(acme)
        rename("repositories", "is_archived")

        assert "is_archived" in person.get(page_of(key)).text


class TestMenu:
    """What can be done with it: each leads to a plan that is filled in."""

    def test_offers_what_the_person_may_run(
        self, make, acme, client_of, operator, settings
    ):
        point_to(settings, "http://127.0.0.1:9")
        key = make.tracked(acme)

        page = client_of(operator).get(page_of(key)).content.decode()

        assert f"/operations/force-sync/plan/?repositories={key}" in page
        assert f"/operations/set-notes/plan/?repositories={key}" in page

    def test_leaves_out_what_is_not_configured(self, make, acme, client_of, operator):
        page = client_of(operator).get(page_of(make.tracked(acme))).content.decode()

        assert "/operations/force-sync/plan/" not in page

    def test_is_not_there_for_who_only_looks(self, make, acme, client_of, viewer):
        page = client_of(viewer).get(page_of(make.tracked(acme))).content.decode()

        assert "/operations/set-notes/plan/" not in page
