"""The platform's tables in Django's admin: looked at, never touched."""

import pytest
from django.contrib import admin as django_admin
from django.db import connections
from django.urls import reverse

from opsconsole.platform import contract
from opsconsole.platform.models import MODELS
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspacetrackedrepository"


@pytest.fixture
def staff(client_of, admin):
    return client_of(admin)


def address(model, page="changelist", *args):
    return reverse(f"admin:platform_{model}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS.values(), ids=str)
class TestEveryTable:
    def test_is_listed_and_searched(self, staff, model):
        name = model._meta.model_name

        for query in ("", "?q=acme", "?q=811b5a77-ba90-4057-bc5c-18bc323d0482", "?o=1"):
            response = staff.get(address(name) + query)
            assert response.status_code == 200
            assert response.templates

    def test_says_what_it_reads(self, databases, model):
        site = django_admin.site._registry[model]
        columns = {f"{model._meta.db_table}.{f.column}" for f in model._meta.fields}

        assert columns <= set(site.required)
        assert contract.current().lacks(*site.required) == []

    def test_offers_no_change(self, staff, model):
        name = model._meta.model_name
        some = "811b5a77-ba90-4057-bc5c-18bc323d0482"

        assert staff.get(address(name, "add")).status_code == 403
        assert staff.post(address(name, "add")).status_code == 403
        assert staff.get(address(name, "delete", some)).status_code == 403
        assert staff.post(address(name, "delete", some)).status_code == 403
        assert address(name, "add") not in staff.get(address(name)).content.decode()

    def test_that_is_missing_is_a_sentence(self, staff, model, variant):
        table = model._meta.db_table
        variant(
            f"ALTER TABLE {table} RENAME TO gone", f"ALTER TABLE gone RENAME TO {table}"
        )

        response = staff.get(address(model._meta.model_name))

        assert response.status_code == 200
        assert f"Table {table} is missing" in response.content.decode()


class TestARow:
    @pytest.fixture
    def row(self, platform_sql):
        error = "<script>alert(1)</script>" + "x" * 3_000
        return factories.failed(platform_sql, last_sync_error=error)

    def test_is_shown_and_cannot_be_posted_to(self, staff, row):
        response = staff.get(address(WTR, "change", row))

        assert response.status_code == 200
        assert b'name="_save"' not in response.content
        assert b'<input type="text"' not in response.content
        assert staff.post(address(WTR, "change", row)).status_code == 403

    def test_has_its_long_text_cut_by_the_database(self, staff, row):
        page = staff.get(address(WTR, "change", row)).content.decode()
        listed = staff.get(address(WTR)).content.decode()

        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "x" * 1_900 in page
        assert "x" * 2_000 not in page
        assert "x" * 80 not in listed

    def test_is_found_by_any_of_its_ids(self, staff, platform_sql):
        workspace = factories.workspace(platform_sql, name="Northwind")
        factories.tracked(platform_sql, workspace, name="acme/rockets")
        factories.tracked(platform_sql, name="acme/boats")

        for text in (workspace, "Northwind", "rockets"):
            page = staff.get(address(WTR), {"q": text}).content.decode()
            assert "acme/rockets" in page
            assert "acme/boats" not in page

    def test_that_is_not_there_leads_back(self, staff):
        some = "811b5a77-ba90-4057-bc5c-18bc323d0482"

        assert staff.get(address(WTR, "change", some)).status_code == 302
        assert staff.get(address(WTR, "change", "nonsense")).status_code == 302

    def test_of_others_joins_no_more_than_once_per_list(
        self, staff, platform_sql, django_assert_max_num_queries
    ):
        for _ in range(5):
            factories.tracked(platform_sql)
        staff.get(address(WTR))

        begin, count, page, joined = 1, 1, 1, 1
        most = begin + count + page + joined
        with django_assert_max_num_queries(most, connection=connections["platform"]):
            staff.get(address(WTR))


class TestAccess:
    def test_needs_the_view_permission_of_the_model(self, client_of, viewer):
        viewer.is_staff = True
        viewer.save()

        staff = client_of(viewer)

        assert staff.get(address("workspace")).status_code == 200
        assert staff.get(address("appuser")).status_code == 403

    def test_is_refused_before_the_platform_is_asked(self, client_of, viewer, connect):
        viewer.is_staff = True
        viewer.save()
        connect("platform", HOST="/nowhere")

        assert client_of(viewer).get(address("appuser")).status_code == 403

    def test_to_a_platform_that_does_not_answer_gives_503(self, staff, connect):
        connect("platform", HOST="/nowhere")
        some = "811b5a77-ba90-4057-bc5c-18bc323d0482"

        assert staff.get(address("workspace")).status_code == 503
        assert staff.get(address("workspace", "change", some)).status_code == 503
        assert staff.get(address("workspace", "history", some)).status_code == 503
        assert staff.get(reverse("admin:index")).status_code == 200
