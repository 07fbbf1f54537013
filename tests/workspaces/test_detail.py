"""The page of one workspace."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from opsconsole.operations import planner
from opsconsole.operations.catalog import OPERATIONS

pytestmark = pytest.mark.platform
NASTY = "<script>alert(1)</script>'; DROP TABLE workspaces; --"


@pytest.fixture
def acme(make):
    return make.workspace("Acme", slug="acme", tier="pro", max_repositories=10)


@pytest.fixture
def here(acme):
    return f"/workspaces/{acme}/"


@pytest.fixture
def plan(operator):
    """Plan a reset, as a run with its rows."""

    def made(**params):
        chosen = {"repositories": [], "workspace": None, "all_failed": False} | params
        request = planner.Request(operator, "browser")
        return planner.plan(OPERATIONS["reset-failed-sync"], chosen, request)

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

        assert response.context["members"] == (1, 1)
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


class TestReset:
    def test_is_offered_to_those_who_may(self, worker, make, acme, here):
        key = make.failed(acme)

        text = worker.get(here).text

        assert f"/operations/reset-failed-sync/plan/?workspace={acme}" in text
        assert f'form="reset-one" name="repositories" value="{key}"' in text
        assert f'name="repositories" value="{key}" form="selection"' in text

    def test_is_not_offered_to_others(self, person, make, acme, here):
        make.failed(acme)

        assert "reset-failed-sync" not in person.get(here).text

    def test_is_not_offered_without_failures(self, worker, make, acme, here):
        make.tracked(acme)

        text = worker.get(here).text

        assert "?workspace=" not in text
        assert 'name="repositories"' not in text

    def test_plans_what_was_selected(self, worker, make, acme, here):
        keys = [str(make.failed(acme)) for _ in range(60)]
        assert 'action="/operations/reset-failed-sync/plan/"' in worker.get(here).text

        response = worker.post(
            "/operations/reset-failed-sync/plan/", {"repositories": keys}, follow=True
        )

        assert "60 rows" in response.text


class TestRepositories:
    def test_are_those_of_this_workspace(self, names, make, acme, here):
        make.tracked(acme, name="acme/one")
        make.tracked(name="other/two")

        assert names(here) == ["acme/one"]

    def test_of_one_condition_alone(self, names, make, acme, here):
        make.failed(acme, name="acme/broken")
        make.tracked(acme, name="acme/fine", fetch_issues=None)

        assert names(f"{here}?condition=failed") == ["acme/broken"]
        assert names(f"{here}?condition=paused") == []
        assert names(f"{here}?condition=odd") == ["acme/broken", "acme/fine"]
        assert names(f"{here}?q=FINE") == ["acme/fine"]

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
            ("error", "a/a b/b c/c"),
            ("nonsense", "a/a b/b c/c"),
        ],
    )
    def test_in_the_order_of_the_address(self, names, make, acme, here, sort, expected):
        def at(hour):
            return datetime(2026, 5, 1, hour, tzinfo=UTC)

        for name, values in {
            "a/a": (1, at(9), None, 24),
            "b/b": (5, at(8), at(12), 48),
            "c/c": (None, None, at(11), 6),
        }.items():
            columns = "sync_attempts last_sync_at next_sync_at sync_frequency_hours"
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

    def test_cost_the_same_for_any_number(self, person, make, acme, here):
        def queries():
            with (
                CaptureQueriesContext(connections["platform"]) as platform,
                CaptureQueriesContext(connections["default"]) as console,
            ):
                assert person.get(here).status_code == 200
            return len(platform) + len(console)

        make.failed(acme)
        person.get(here)
        few = queries()
        for _ in range(20):
            make.failed(acme)

        assert queries() == few
        assert few <= 18


class TestHistory:
    def test_shows_runs_that_planned_rows_of_it(self, person, make, acme, here, plan):
        key = make.failed(acme)
        make.failed()
        mine = [plan(workspace=acme), plan(repositories=[key]), plan(all_failed=True)]
        plan(repositories=[make.failed()])

        response = person.get(here)

        shown = [event["url"] for event in response.context["runs"]]
        assert shown == [run.get_absolute_url() for run in reversed(mine)]
        assert len(response.context["entries"]) == 3

    def test_says_that_there_is_none(self, person, here):
        text = person.get(here).text

        assert "No run of the console has touched this workspace." in text
        assert "Nothing has been recorded about this workspace." in text
