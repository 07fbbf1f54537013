"""Admin pages that only show."""

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission
from django.test import RequestFactory

from opsconsole.accounts.models import User
from opsconsole.web import paging
from opsconsole.web.admin import ReadOnlyAdmin


@pytest.fixture
def people():
    """People as an admin page that only shows."""
    return ReadOnlyAdmin(User, AdminSite())


@pytest.fixture
def request_of():
    def make(user, query=""):
        request = RequestFactory().get(f"/admin/{query}")
        request.user = user
        return request

    return make


def test_nobody_may_change_anything(people, request_of, admin):
    request = request_of(admin)

    assert people.has_view_permission(request)
    assert not people.has_add_permission(request)
    assert not people.has_change_permission(request)
    assert not people.has_change_permission(request, admin)
    assert not people.has_delete_permission(request)
    assert not people.has_delete_permission(request, admin)
    assert people.get_actions(request) == {}


def test_looking_takes_the_permission(people, request_of, operator):
    assert not people.has_view_permission(request_of(operator))

    operator.user_permissions.add(Permission.objects.get(codename="view_user"))

    operator = User.objects.get(pk=operator.pk)
    assert people.has_view_permission(request_of(operator))


def test_all_fields_of_a_row_are_read_only(people, request_of, admin):
    response = people.changeform_view(request_of(admin), str(admin.pk))

    assert response.context_data["adminform"].form.fields == {}


@pytest.mark.parametrize(("cap", "is_cut"), [(3, False), (2, True)])
def test_a_list_says_when_it_is_cut(
    people, request_of, admin, make_user, monkeypatch, cap, is_cut
):
    make_user("viewer")
    make_user("operator")
    monkeypatch.setattr(paging, "CAP", cap)

    response = people.changelist_view(request_of(admin))

    assert response.context_data["cl"].result_count == cap
    assert bool(response.context_data["subtitle"]) == is_cut


def test_a_list_is_ordered_and_takes_one_count_and_one_page(
    people, request_of, admin, django_assert_num_queries
):
    request = request_of(admin)
    admin.get_all_permissions()

    with django_assert_num_queries(2):
        response = people.changelist_view(request)

    assert response.context_data["cl"].queryset.query.order_by[0] == "pk"
