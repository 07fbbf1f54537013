"""The page of one workspace."""

import csv
import re
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

import pytest
from django.utils import timezone

from opsconsole.history.circumstances import circumstances
from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.planning import planner
from opsconsole.platform.diagnosis import WORDS
from opsconsole.platform.models import WorkspaceTrackedRepository

pytestmark = pytest.mark.platform
NASTY = "<script>alert(1)</script>'; DROP TABLE workspaces; --"


@pytest.fixture
def acme(make):
    return make.workspace("Acme", slug="acme", tier="pro", max_repositories=10)


@pytest.fixture
def here(acme):
    return f"/workspaces/{acme}/"


@pytest.fixture
def history(here):
    return f"{here}history/"


@pytest.fixture
def plan(operator):
    """Plan a reset of these rows, or of a workspace."""

    def made(**params):
        operation = OPERATIONS["reset-failed-sync"]
        form = operation.Form(params)
        assert form.is_valid(), form.errors
        asked = planner.Request(operator, "browser")
        return planner.plan(operation, form.cleaned_data, asked)

    return made


@pytest.fixture
def confirmed(plan, operator):
    def made(**params):
        run = plan(**params)
        decisions.confirm(
            run, operator, plan_hash=run.plan_hash, reason="They ask for it."
        )
        return run

    return made


class TestAccess:
    def test_asks_strangers_to_sign_in(self, client, here):
        assert client.get(here).status_code == 302

    def test_refuses_a_person_without_a_role(self, client_of, django_user_model, here):
        nobody = django_user_model.objects.create_user("nobody")

        assert client_of(nobody).get(here).status_code == 403

    def test_says_that_there_is_no_such_workspace(self, person):
        response = person.get(f"/workspaces/{uuid4()}/")

        assert response.status_code == 404
        assert "The platform has no workspace with this id." in response.text


class TestHeader:
    def test_shows_limit_owner_and_members(self, person, make):
        owner, guest = make.user(display_name="Ada"), make.user()
        pk = make.workspace("Acme", owner_id=owner, repositories=3, max_repositories=4)
        for user, accepted in (
            (owner, datetime(2026, 1, 1, tzinfo=UTC)),
            (guest, None),
        ):
            make.member(pk, user, accepted)

        response = person.get(f"/workspaces/{pk}/")

        found = response.context["workspace"]
        assert (found.used, found.joined, found.invited) == (3, 1, 1)
        for words in ("Ada", "of 4", "75 % of its own limit", "1, and 1 invited"):
            assert words in response.text

    def test_copes_with_missing_values(self, person, make):
        pk = make.workspace("Acme", max_repositories=None, last_activity_at=None)
        make.sql("UPDATE workspaces SET is_active = NULL, data_retention_days = NULL")
        make.sql("UPDATE app_users SET display_name = NULL, email = NULL")

        text = person.get(f"/workspaces/{pk}/").text

        assert "Its limit is unknown." in text
        assert "Deleted by its owner" not in text

    def test_says_over_the_limit(self, person, make):
        pk = make.workspace("Acme", repositories=3, max_repositories=0)

        assert "over its own limit" in person.get(f"/workspaces/{pk}/").text

    def test_says_deleted(self, person, make):
        pk = make.workspace("Acme", is_active=False)

        assert "Deleted by its owner" in person.get(f"/workspaces/{pk}/").text

    def test_shows_the_mix_of_its_own_repositories(self, person, make, one_of_each):
        known = circumstances(timezone.now())
        rows = WorkspaceTrackedRepository.objects
        for (pk,) in make.sql("SELECT id FROM workspaces"):
            line = person.get(f"/workspaces/{pk}/?word=ok").context["line"]

            own = rows.of_workspace(pk)
            counts = {word: own.with_word(word, known).count() for word in WORDS}
            assert dict.fromkeys(WORDS, 0) | line.mix == counts


class TestActions:
    def test_are_offered_to_those_who_may(self, worker, make, acme, here):
        key = make.failed(acme, name="acme/broken")

        text = worker.get(here).text

        assert f"/operations/reset-failed-sync/plan/?workspace={acme}" in text
        assert f"/operations/reset-failed-sync/plan/?repositories={key}" in text
        assert f'name="repositories" value="{key}" form="selection"' in text
        assert "Reset failed sync: acme/broken…" in text

    def test_are_not_offered_to_others(self, person, make, acme, here):
        make.failed(acme)

        text = person.get(here).text

        assert "/operations/" not in re.sub(r"<nav.*?</nav>", "", text, flags=re.S)
        assert 'popovertarget="hours' not in text
        assert "data-select" not in text

    def test_offer_no_reset_without_failures(self, worker, make, acme, here):
        make.tracked(acme)

        text = worker.get(here).text

        assert "reset-failed-sync/plan/?" not in text

    def test_plan_what_was_selected(self, worker, make, acme, here):
        keys = [str(make.failed(acme)) for _ in range(60)]
        address = "/operations/reset-failed-sync/plan/"
        assert f'formaction="{address}"' in worker.get(here).text

        response = worker.post(address, {"repositories": keys}, follow=True)

        assert response.context["run"].rows_planned == 60

    def test_plan_all_that_match_in_this_workspace_alone(
        self, worker, make, acme, here
    ):
        for _ in range(51):
            make.failed(acme)
        make.failed()
        text = worker.get(f"{here}?word=failed").text
        [matching] = re.findall(r'name="matching" value="([^"]+)"', text)

        response = worker.post(
            "/operations/reset-failed-sync/plan/",
            {"matching": matching.replace("&amp;", "&")},
            follow=True,
        )

        assert response.context["run"].rows_planned == 51

    @pytest.mark.parametrize(
        ("operation", "field", "column", "value"),
        [
            ("set-interval", "hours", "sync_frequency_hours", 48),
            ("set-priority", "priority", "priority_score", 90),
        ],
    )
    @pytest.mark.parametrize("before", [12, None])
    def test_plan_a_number_of_one_row(
        self, worker, make, acme, here, operation, field, column, value, before
    ):
        key = make.tracked(acme, **{column: before})
        address = f"/operations/{operation}/plan/"
        text = worker.get(here).text
        assert f'id="{field}-{key}" popover method="post" action="{address}"' in text

        response = worker.post(
            address, {"repositories": key, field: value}, follow=True
        )

        run = response.context["run"]
        assert (run.rows_planned, run.state) == (1, "planned")
        assert make.sql(f"SELECT {column} FROM workspace_tracked_repositories") == [
            (before,)
        ]


class TestRepositories:
    def test_are_those_of_this_workspace(self, names, make, acme, here):
        make.tracked(acme, name="acme/one")
        make.tracked(name="other/two")

        assert names(here) == ["acme/one"]

    def test_are_narrowed(self, names, make, acme, here):
        make.failed(acme, name="acme/broken")
        make.tracked(acme, name="acme/fine", fetch_issues=None)

        assert names(f"{here}?word=failed") == ["acme/broken"]
        assert names(f"{here}?word=paused") == ["acme/fine"]
        assert names(f"{here}?word=trouble") == ["acme/broken"]
        assert names(f"{here}?word=due") == []
        assert names(f"{here}?word=odd") == []
        assert names(f"{here}?flag=coverage gap") == ["acme/broken", "acme/fine"]
        assert names(f"{here}?flag=stale error") == []
        assert names(f"{here}?q=FINE") == ["acme/fine"]
        assert names(f"{here}?q=FINE&word=failed") == []

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("repository", "a/a b/b c/c"),
            ("-repository", "c/c b/b a/a"),
            ("attempts", "a/a b/b c/c"),
            ("-attempts", "b/b a/a c/c"),
            ("last_sync", "b/b a/a c/c"),
            ("-last_sync", "a/a b/b c/c"),
            ("next_sync", "c/c b/b a/a"),
            ("-next_sync", "b/b c/c a/a"),
            ("interval", "c/c a/a b/b"),
            ("priority", "b/b a/a c/c"),
            ("-priority", "a/a b/b c/c"),
            ("error", "a/a b/b c/c"),
            ("nonsense", "a/a b/b c/c"),
        ],
    )
    def test_in_the_order_of_the_address(self, names, make, acme, here, sort, expected):
        def at(hour):
            return datetime(2026, 5, 1, hour, tzinfo=UTC)

        for name, values in {
            "a/a": (1, at(9), None, None, 20),
            "b/b": (5, at(8), at(12), 48, 10),
            "c/c": (None, None, at(11), 6, None),
        }.items():
            columns = (
                "sync_attempts last_sync_at next_sync_at sync_frequency_hours"
                " priority_score"
            )
            make.tracked(
                acme, name=name, **dict(zip(columns.split(), values, strict=True))
            )

        assert names(f"{here}?sort={sort}") == expected.split()

    def test_show_errors_escaped_and_cut(self, person, make, acme, here):
        make.failed(acme, last_sync_error=NASTY + "x" * 1_000_000)

        text = person.get(here).text

        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert len(text) < 100_000

    def test_cope_with_nothing_but_nulls(self, person, make, acme, here):
        make.tracked(acme, name="acme/bare")
        columns = [
            name
            for (name,) in make.sql(
                "SELECT column_name::text FROM information_schema.columns"
                " WHERE table_name = 'workspace_tracked_repositories'"
                " AND is_nullable = 'YES'"
            )
        ]
        nothing = ", ".join(f"{name} = NULL" for name in columns)
        make.sql(f"UPDATE workspace_tracked_repositories SET {nothing}")

        text = person.get(here).text

        for words in ("acme/bare", "Paused", "not scheduled", "24 h by default"):
            assert words in text

    def test_say_that_there_is_none(self, person, here):
        assert "No repository of this workspace is tracked." in person.get(here).text

    def test_show_the_words_and_flags_of_the_diagnosis(self, person, make, one_of_each):
        rows = WorkspaceTrackedRepository.objects
        known = circumstances(timezone.now())
        told = {row.pk: row for row in rows.diagnosed(known)}
        shown = {}
        for (pk,) in make.sql("SELECT id FROM workspaces"):
            page = person.get(f"/workspaces/{pk}/").context["table"].paginated_rows
            shown |= {row.record.pk: row.record for row in page}

        assert {pk: row.word for pk, row in shown.items()} == {
            pk: row.word for pk, row in told.items()
        }
        assert {pk: row.flags for pk, row in shown.items()} == {
            pk: row.flags for pk, row in told.items()
        }
        assert {shown[pk].word: word for word, pk in one_of_each.items()} == {
            word: word for word in WORDS
        }

    def test_lead_to_their_pages(self, person, make, acme, here):
        key = make.tracked(acme)

        assert f'href="/workspaces/repositories/{key}/"' in person.get(here).text

    def test_cost_the_same_for_any_number(
        self, worker, make, acme, here, queries, refuse, sampled
    ):
        address = f"{here}?word=refused&flag=coverage gap&q=acme"
        for number in range(21):
            refuse(f"acme/refused-{number}")
            make.tracked(acme, name=f"acme/refused-{number}")
            if not number:
                few = queries(worker, address)

        assert len(queries(worker, address)) == len(few)
        assert len(few) <= 12

    def test_are_there_as_a_file(self, person, make, acme, here):
        make.failed(acme, name="acme/broken", last_sync_error="=1+1")
        make.tracked(acme, name="acme/fine")
        make.failed(name="other/one")

        response = person.get(f"{here}?format=csv&word=failed")

        text = b"".join(response.streaming_content).decode()
        [row] = csv.DictReader(text.splitlines())
        assert (row["Repository"], row["Diagnosis"]) == ("acme/broken", "failed")
        assert row["error"] == "'=1+1"


class TestForgotten:
    def test_are_named_with_what_can_be_done(self, person, make, acme, history):
        make.link(acme, full_name="acme/untracked")
        unlinked = make.repository(full_name="acme/unlinked")
        make.known(unlinked)
        make.link(acme, unlinked)
        make.linked(acme)
        make.link(make.workspace(), full_name="other/untracked")

        response = person.get(history)

        assert [(one.gap.word, one.names) for one in response.context["missing"]] == [
            ("unlinked", ["acme/unlinked"]),
            ("untracked", ["acme/untracked"]),
        ]
        assert "acme/unlinked</code>" in response.text
        assert "Track the repository first" in response.text

    def test_are_cut(self, person, make, acme, history):
        for _ in range(30):
            make.link(acme)

        response = person.get(history)

        assert "more than 25 untracked" in response.text
        assert response.text.count("<li><code>") == 25


class TestHistory:
    def test_shows_confirmed_runs_that_touched_rows_of_it(
        self, person, make, acme, history, plan, confirmed
    ):
        key, other = make.failed(acme), make.failed()
        mine = [confirmed(workspace=acme), confirmed(repositories=[key])]
        confirmed(repositories=[other])
        plan(workspace=acme)

        response = person.get(history)

        shown = [event["url"] for event in response.context["runs"]]
        assert shown == [run.get_absolute_url() for run in reversed(mine)]
        assert {entry["detail"] for entry in response.context["entries"]} != set()

    def test_shows_responses_that_name_it(self, person, make, acme, history, refuse):
        refuse("acme/gone", NASTY)
        make.tracked(acme, name="acme/gone")
        result = refuse("acme/other", "GitHub API returned 403")
        result.workspace = "Acme"
        result.save()

        text = person.get(history).text

        assert "GitHub API returned 403" in text
        assert "<script>alert" not in text

    def test_says_that_there_is_none(self, person, history):
        text = person.get(history).text

        assert "No run of the console has touched this workspace." in text
        assert "Nothing has been recorded about this workspace." in text
        assert "No kept response of the sync function names this workspace." in text

    def test_is_asked_for_by_the_page_and_is_one_itself(
        self, person, acme, here, history
    ):
        assert f'hx-get="{history}"' in person.get(here).text
        assert "<html" in person.get(history).text
        piece = person.get(history, headers={"HX-Request": "true"}).text
        assert "<html" not in piece
        assert "Recent runs" in piece

    def test_costs_the_same_for_any_number(
        self, person, make, acme, history, confirmed, queries
    ):
        confirmed(repositories=[make.failed(acme)])
        few = queries(person, history)
        for _ in range(8):
            make.link(acme)
            confirmed(repositories=[make.failed(acme)])

        assert len(queries(person, history)) == len(few)
        assert len(few) <= 12

    def test_asks_strangers_to_sign_in(self, client, history):
        assert client.get(history).status_code == 302


class TestWithoutThePlatform:
    def test_shows_what_the_console_knows(
        self, person, make, acme, here, confirmed, refuse, request
    ):
        make.failed(acme)
        run = confirmed(workspace=acme)
        request.getfixturevalue("unreachable")

        response = person.get(here)

        assert response.status_code == 200
        assert "does not answer" in response.text
        assert run.get_absolute_url() in response.text
        assert "Some runs may be missing below" in response.text

    def test_answers_while_a_table_is_locked(
        self, person, make, acme, here, history, confirmed, locked
    ):
        make.failed(acme)
        run = confirmed(workspace=acme)
        person.get(here)
        locked("workspace_tracked_repositories")
        for address, words in (
            (here, "took too long to answer"),
            (here, "of its own limit"),
            (history, run.get_absolute_url()),
        ):
            began = monotonic()
            text = person.get(address).text
            assert monotonic() - began < 2.5
            assert words in text

    def test_says_which_column_is_missing(self, person, acme, here, rename):
        rename("workspace_tracked_repositories", "priority_score")

        text = person.get(here).text

        assert "priority_score" in text
        assert "of its own limit" in text
