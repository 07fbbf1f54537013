"""Permissions of a person: the same as Django's own, for one query."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission

from opsconsole.accounts.models import User


def fresh(person):
    return User.objects.get(pk=person.pk)


@pytest.mark.parametrize("role", ["viewer", "operator", "approver", "admin"])
def test_are_those_of_django(make_user, role):
    person = make_user(role)
    person.user_permissions.add(Permission.objects.get(codename="add_session"))

    ours = fresh(person).get_all_permissions()

    assert ours == ModelBackend().get_all_permissions(fresh(person))
    assert "sessions.add_session" in ours


def test_cost_one_query(operator, django_assert_num_queries):
    person = fresh(operator)

    with django_assert_num_queries(1):
        assert person.has_perm("operations.view_run")
        assert not person.has_perm("accounts.add_user")


def test_who_may_not_sign_in_has_none(operator):
    User.objects.filter(pk=operator.pk).update(is_active=False)

    assert fresh(operator).get_all_permissions() == set()


def test_a_superuser_has_all(admin):
    assert fresh(admin).has_perm("accounts.delete_user")
