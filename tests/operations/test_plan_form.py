"""The page before a plan: what is chosen in words, what is asked for, what is wrong."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.db import OperationalError, connections
from django.test.utils import CaptureQueriesContext

from opsconsole.operations.asking import page as asking
from opsconsole.operations.models import Run
from opsconsole.platform import contract
from tests import factories

pytestmark = pytest.mark.platform
PRIORITY, INTERVAL = "/operations/set-priority/plan/", "/operations/set-interval/plan/"
RESET, PAUSE = (
    "/operations/reset-failed-sync/plan/",
    "/operations/pause-repository/plan/",
)


@pytest.fixture
def person(operator, client_of):
    return client_of(operator)


@pytest.fixture
def five(platform_sql):
    """Ids of five repositories of one workspace."""
    workspace = factories.workspace(platform_sql, name="Northwind")
    return [
        str(factories.tracked(platform_sql, workspace, name=f"acme/repo-{n}"))
        for n in range(5)
    ]


def carried(page):
    """What the page's hidden field holds."""
    found = re.search(r'name="chosen" value="([^"]*)"', page.text)
    return unescape(found[1]) if found else None


class TestFromAList:
    """A list posts ids alone; the page asks for the rest."""

    def test_shows_names_and_asks_for_the_parameter(self, person, five):
        page = person.post(PRIORITY, {"repositories": five})

        assert page.status_code == 200
        assert "5 repositories" in page.text
        assert "acme/repo-0" in page.text
        assert "and 2 more" in page.text
        assert "This field is required" not in page.text
        assert 'name="priority"' in page.text
        assert not Run.objects.exists()

    def test_carries_the_ids_to_the_plan(self, person, five):
        page = person.post(PRIORITY, {"repositories": five})

        response = person.post(
            PRIORITY, {"chosen": carried(page), "priority": "7", "repositories": ""}
        )

        run = Run.objects.get()
        assert response.url == run.get_absolute_url()
        assert (run.rows_planned, run.params["priority"]) == (5, 7)

    def test_keeps_them_when_the_parameter_is_wrong(self, person, five):
        first = person.post(PRIORITY, {"repositories": five})

        page = person.post(PRIORITY, {"chosen": carried(first), "priority": "101"})

        assert page.status_code == 400
        assert "101 is not accepted: 0 to 100 points" in page.text
        assert carried(page) == carried(first)
        assert 'value="101"' in page.text

    def test_what_is_chosen_on_the_page_replaces_them(self, person, five, platform_sql):
        other = str(factories.tracked(platform_sql))
        page = person.post(PRIORITY, {"repositories": five})

        person.post(
            PRIORITY,
            {"chosen": carried(page), "priority": "7", "repositories": other},
        )

        assert Run.objects.get().params["repositories"] == [other]

    def test_all_that_match_stands_for_the_ticked_ones_too(self, person, five):
        """Without script a browser sends both."""
        person.post(
            PRIORITY,
            {"repositories": five[:2], "matching": "q=acme", "priority": "7"},
        )

        run = Run.objects.get()
        assert (run.rows_planned, run.params["repositories"]) == (5, [])
        assert run.subject == "7 for all 5 repositories that match text “acme”"

    def test_without_parameters_the_plan_follows_at_once(self, person, five):
        person.post(PAUSE, {"repositories": five[:2]})

        assert Run.objects.get().rows_planned == 2

    def test_nothing_ticked_is_said(self, person, five):
        page = person.post(PRIORITY, {})

        assert page.status_code == 400
        assert "Give exactly one of" in page.text

    def test_ten_thousand_ids_are_carried(self, person, platform_sql):
        key = factories.failed(platform_sql)
        platform_sql("SET session_replication_role = replica")
        platform_sql(
            "INSERT INTO workspace_tracked_repositories (workspace_id,"
            " tracked_repository_id, added_by) SELECT workspace_id, gen_random_uuid(),"
            " added_by FROM workspace_tracked_repositories, generate_series(1, 9999)"
            " WHERE id = %s",
            key,
        )
        found = platform_sql("SELECT id::text FROM workspace_tracked_repositories")
        page = person.post(PRIORITY, {"repositories": [row[0] for row in found]})
        assert "10,000" in page.text

        person.post(PRIORITY, {"chosen": carried(page), "priority": "9"})

        assert Run.objects.get().rows_planned == 10_000


class TestFromALink:
    def test_shows_one_repository_with_what_it_holds(self, person, platform_sql):
        workspace = factories.workspace(platform_sql, name="Northwind")
        key = factories.tracked(
            platform_sql, workspace, name="acme/one", sync_frequency_hours=6
        )

        page = person.get(INTERVAL, {"repositories": str(key)})

        assert "acme/one of Northwind" in page.text
        assert "1 to 168 hours. Now 6 hours." in page.text
        assert 'min="1"' in page.text
        assert 'max="168"' in page.text

    @pytest.mark.parametrize(
        ("address", "column", "words"),
        [
            (INTERVAL, "sync_frequency_hours", "Now not set, which means 24 hours."),
            (PRIORITY, "priority_score", "Now not set, which comes before every"),
        ],
    )
    def test_says_what_nothing_means(
        self, person, platform_sql, address, column, words
    ):
        key = factories.tracked(platform_sql, **{column: None})

        assert words in person.get(address, {"repositories": str(key)}).text

    def test_says_no_value_of_several(self, person, five):
        page = person.get(INTERVAL, {"repositories": five})

        assert "1 to 168 hours." in page.text
        assert "Now " not in page.text

    def test_fills_in_the_parameter(self, person, five):
        page = person.get(INTERVAL, {"repositories": five[0], "hours": "48"})

        assert 'value="48"' in page.text

    @pytest.mark.parametrize(
        ("params", "words", "link"),
        [
            (
                {"matching": "word=failed&tier=pro"},
                "no repository that matches",
                True,
            ),
            ({"workspaces_matching": "tier=pro"}, "of workspaces that match", True),
            ({"error": "0123456789ab"}, "error group 0123456789ab", True),
            ({"all_failed": "on"}, "all failed repositories", False),
        ],
    )
    def test_shows_other_choices_in_words(self, person, databases, params, words, link):
        page = person.get(RESET, params)

        assert page.status_code == 200
        assert words in page.text
        assert ("Open as a list" in page.text) == link

    def test_leads_to_the_workspace(self, person, platform_sql):
        workspace = factories.workspace(platform_sql, name="<b>North</b>")
        factories.tracked(platform_sql, workspace, name="acme/one")

        page = person.get(RESET, {"workspace": str(workspace)})

        assert f'href="/workspaces/{workspace}/"' in page.text
        assert "<b>North" not in page.text

    def test_starts_empty_without_a_choice(self, person, databases):
        page = person.get(PRIORITY)

        assert page.status_code == 200
        assert carried(page) is None
        assert "Give exactly one" not in page.text
        assert "required" not in page.context["asking"].form.errors.as_text()

    @pytest.mark.parametrize(
        ("params", "sentence"),
        [
            ({"matching": "wrod=failed"}, "&#x27;wrod&#x27; is none of"),
            ({"repositories": str(uuid4())}, "1 of 1 repositories do not exist"),
            ({"repositories": "<script>"}, "is not an id"),
            ({"matching": "q=", "error": "0123456789ab"}, "Give exactly one of"),
            ({"chosen": "matching=wrod"}, "is none of"),
            ({"chosen": "nothing=1"}, ""),
        ],
    )
    def test_says_what_is_wrong_with_the_choice(
        self, person, databases, params, sentence
    ):
        page = person.get(PRIORITY, params)

        assert page.status_code == 200
        assert sentence in page.text
        assert carried(page) is None
        assert "<script>" not in page.text.replace("<script ", "")


class TestPlatformTrouble:
    @pytest.fixture
    def late(self, monkeypatch):
        """The platform is too slow to say which rows they are."""

        def look(*args):
            raise OperationalError(
                "The time that this page may spend on the platform is used up."
            )

        monkeypatch.setattr(asking, "_look", look)

    def test_words_stay_when_the_rows_cannot_be_counted(self, person, databases, late):
        page = person.get(RESET, {"matching": "tier=pro"})

        assert "all repositories that match tier pro" in page.text
        assert "took too long to answer. The plan counts and names them." in page.text
        assert carried(page) == "matching=tier%3Dpro"

    def test_ids_are_counted_without_the_platform(self, person, five, late):
        page = person.post(PRIORITY, {"repositories": five})

        assert "5 chosen by id" in page.text
        assert carried(page)

    def test_a_row_without_its_repository_can_be_chosen(self, person, platform_sql):
        """Its name cannot be read: nothing keeps the platform from losing it."""
        key = str(factories.tracked(platform_sql))
        platform_sql("SET session_replication_role = replica")
        platform_sql("DELETE FROM repositories")

        page = person.get(PRIORITY, {"repositories": key})

        assert page.status_code == 200
        assert f"repository {key}" in page.text

    def test_a_lost_bound_switches_the_page_off(self, person, platform_sql):
        table = "workspace_tracked_repositories"
        check = f"{table}_priority_score_check"
        platform_sql(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
        contract.forget()
        try:
            page = person.get(PRIORITY)
            assert "Switched off" in page.text
            assert "does not say which points priority_score accepts" in page.text
            assert person.post(PRIORITY, {"priority": "1"}).status_code == 400
        finally:
            platform_sql(
                f"ALTER TABLE {table} ADD CONSTRAINT {check}"
                " CHECK (priority_score >= 0 AND priority_score <= 100)"
            )
            contract.forget()


class TestPermission:
    @pytest.mark.parametrize("address", [PRIORITY, INTERVAL, PAUSE])
    def test_is_each_operations_own(self, address, viewer, operator, client_of):
        from django.contrib.auth.models import Permission

        assert client_of(viewer).get(address).status_code == 403
        assert client_of(viewer).post(address, {"matching": "q="}).status_code == 403
        name = "run_" + address.split("/")[2].replace("-", "_")
        for group in operator.groups.all():
            group.permissions.remove(Permission.objects.get(codename=name))
        try:
            assert client_of(operator).get(address).status_code == 403
            assert client_of(operator).get(RESET).status_code == 200
        finally:
            for group in operator.groups.all():
                group.permissions.add(Permission.objects.get(codename=name))


def test_planning_again_keeps_a_parameter_of_zero(person, platform_sql):
    """0 is a value, not the absence of one."""
    key = str(factories.tracked(platform_sql))
    person.post(PRIORITY, {"repositories": key, "priority": "0"})
    run = Run.objects.get()
    person.post(f"/operations/runs/{run.pk}/cancel/")

    page = person.get(run.get_absolute_url())

    assert f"{PRIORITY}?priority=0&amp;repositories={key}" in page.text


def test_costs_few_queries(person, five):
    person.get(INTERVAL)

    with (
        CaptureQueriesContext(connections["default"]) as ours,
        CaptureQueriesContext(connections["platform"]) as theirs,
    ):
        person.get(INTERVAL, {"repositories": five[:1]})

    queries = [query["sql"] for query in (*ours, *theirs)]
    selects = [sql for sql in queries if sql.startswith("SELECT")]
    assert len(selects) <= 12, selects
