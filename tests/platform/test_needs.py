"""A page whose needs are not met says so; nothing else is hidden."""

import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    connection,
    connections,
)
from django.http import Http404, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from opsconsole.platform import contract
from opsconsole.platform.contract import uses
from opsconsole.platform.db import fetch
from opsconsole.platform.models import Workspace
from opsconsole.platform.needs import needs
from tests import factories

pytestmark = pytest.mark.platform


@pytest.fixture
def get(viewer):
    """Call a view as the viewer."""

    def call(view, method="get", **headers):
        request = getattr(RequestFactory(), method)("/there/?page=2", **headers)
        request.user, request.htmx = viewer, HtmxDetails(request)
        return view(request)

    return call


@pytest.fixture
def rename(platform_sql):
    """Take a column away behind the contract's back; it returns after the test."""
    back = []

    def change(table, column):
        platform_sql(f"ALTER TABLE {table} RENAME {column} TO gone")
        back.append(f"ALTER TABLE {table} RENAME gone TO {column}")

    contract.current()
    yield change
    for sql in back:
        platform_sql(sql)


def page(read, *required):
    """A view that reads something."""

    @needs(*required or ("workspaces",), feature="Sync health")
    def view(request):
        return HttpResponse(f"read {read()}")

    return view


def workspaces():
    return [workspace.name for workspace in Workspace.objects.all()]


def text(response):
    return " ".join(response.content.decode().split())


class TestAPageThatHasWhatItNeeds:
    def test_is_shown(self, get, platform_sql):
        factories.workspace(platform_sql, name="Northwind")

        response = get(page(workspaces, "workspaces", "workspaces.tier"))

        assert response.status_code == 200
        assert text(response) == "read ['Northwind']"

    def test_is_known_to_the_contract_by_its_name(self):
        @needs("workspaces.tier")
        def sync_health(request):
            return HttpResponse()

        page(workspaces, "workspaces.name")

        assert sync_health.__name__ == "sync_health"
        assert uses.readers_of("workspaces", "tier") == ["Sync health"]
        assert uses.readers_of("workspaces", "name") == ["Sync health"]

    def test_gets_the_arguments_of_its_address(self, get):
        @needs("workspaces")
        def numbered(request, number, *, name):
            return HttpResponse(f"{number} {name}")

        assert text(get(lambda request: numbered(request, 7, name="x"))) == "7 x"

    @pytest.mark.parametrize("error", [Http404, DataError, IntegrityError, ValueError])
    def test_keeps_its_other_errors(self, get, error):
        def fail():
            raise error

        with pytest.raises(error):
            get(page(fail))

    def test_keeps_a_mistake_in_its_own_sql(self, get):
        with pytest.raises(Exception, match="no_such_column"):
            get(page(lambda: fetch("SELECT no_such_column FROM workspaces")))

    def test_keeps_an_error_of_the_consoles_own_database(self, get):
        def fail():
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 1; SELECT pg_sleep(1)")

        with pytest.raises(OperationalError):
            get(page(fail))

    def test_may_not_need_what_no_model_names(self, get):
        with pytest.raises(ValueError, match=r"workspaces\.colour"):
            get(page(workspaces, "workspaces.colour"))


class TestAPageThatLacksSomething:
    def test_names_it(self, get, rename, caplog):
        rename("workspaces", "tier")
        contract.forget()

        with caplog.at_level("WARNING", "opsconsole.platform.refusals"):
            response = get(page(workspaces, "workspaces.tier"))

        assert response.status_code == 200
        assert "Column workspaces.tier is missing. Restore the column" in text(response)
        assert 'href="/there/?page=2"' in text(response)
        assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
            "/there/ is switched off"
        ]

    def test_that_disappeared_a_moment_ago(self, get, rename):
        rename("workspaces", "tier")

        response = get(page(workspaces, "workspaces.tier"))

        assert response.status_code == 200
        assert "Column workspaces.tier is missing" in text(response)

    def test_that_it_forgot_to_name(self, get, rename):
        rename("workspaces", "slug")

        response = get(page(workspaces, "workspaces.name"))

        assert response.status_code == 200
        assert "Column workspaces.slug is missing" in text(response)

    def test_while_its_template_reads(self, get, rename):
        rename("workspaces", "slug")
        template = engines["django"].from_string(
            "{% for w in all %}{{ w }}{% endfor %}"
        )

        @needs("workspaces")
        def lazy(request):
            return TemplateResponse(request, template, {"all": Workspace.objects.all()})

        assert "Column workspaces.slug is missing" in text(get(lazy))

    def test_goes_on_without_what_others_lack(self, get, rename):
        rename("repositories", "is_archived")
        contract.forget()

        assert text(get(page(workspaces))) == "read []"

    def test_that_was_a_grant(self, get, platform_sql):
        contract.current()
        platform_sql("REVOKE SELECT ON workspaces FROM opsconsole_reader")
        try:
            response = get(page(workspaces))
        finally:
            platform_sql("GRANT SELECT ON workspaces TO opsconsole_reader")

        assert "The role opsconsole_reader may not read table workspaces" in text(
            response
        )


class TestAPlatformThatDoesNotAnswer:
    def test_gives_503_and_a_way_to_try_again(self, get, connect, caplog):
        connect("platform", HOST="/nowhere")

        with caplog.at_level("WARNING", "opsconsole.platform.refusals"):
            response = get(page(workspaces))

        assert response.status_code == 503
        assert "platform&#x27;s database does not answer" in text(response)
        assert 'href="/there/?page=2"' in text(response)
        lines = [
            record for record in caplog.records if record.name.endswith("refusals")
        ]
        assert len(lines) == 1
        assert "/nowhere" not in text(
            response
        )  # where it stands is for the contract's page

    def test_and_did_a_moment_ago(self, get, connect):
        contract.current()
        connect("platform", HOST="/nowhere")

        assert get(page(workspaces)).status_code == 503
        assert not contract.current().reachable

    def test_in_time_is_told_apart(self, get):
        def slow():
            with connections["platform"].cursor() as cursor:
                cursor.execute("SET statement_timeout = 1; SELECT pg_sleep(1)")

        response = get(page(slow))
        connections["platform"].close()

        assert response.status_code == 503
        assert "took too long to answer" in text(response)

    def test_and_hangs_up(self, get, platform_sql):
        def cut():
            pid = connections["platform"].cursor().connection.info.backend_pid
            platform_sql("SELECT pg_terminate_backend(%s)", pid)
            workspaces()

        assert get(page(cut)).status_code == 503

    def test_leads_away_from_an_action(self, get, connect):
        connect("platform", HOST="/nowhere")

        response = get(page(workspaces), "post")

        assert response.status_code == 503
        assert '<a class="button" href="/">' in text(response)


class TestAPieceForHtmx:
    HEADERS = {
        "HTTP_HX_REQUEST": "true",
        "HTTP_HX_CURRENT_URL": "http://testserver/here/?q=1",
    }

    def test_takes_the_place_of_what_was_asked_for(self, get, connect):
        connect("platform", HOST="/nowhere")

        response = get(page(workspaces), **self.HEADERS)

        assert response.status_code == 200  # or htmx would leave the panel loading
        assert response["HX-Reselect"] == ".platform-problem"
        assert response.content.strip().startswith(b'<div class="platform-problem')
        assert 'href="/here/?q=1"' in text(response)

    def test_names_what_is_missing(self, get, rename):
        rename("workspaces", "tier")
        contract.forget()

        response = get(page(workspaces, "workspaces.tier"), **self.HEADERS)

        assert b"<html" not in response.content
        assert "Column workspaces.tier is missing" in text(response)

    def test_is_a_whole_page_when_the_link_was_boosted(self, get, connect):
        connect("platform", HOST="/nowhere")

        response = get(page(workspaces), HTTP_HX_BOOSTED="true", **self.HEADERS)

        assert response.status_code == 503
        assert b"<html" in response.content
