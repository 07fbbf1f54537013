"""The stock admin shows the platform, runs and audit, and edits people only."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.urls import reverse

from opsconsole.accounts.models import User
from opsconsole.audit.models import Entry
from tests import factories
from tests.conftest import PASSWORD

pytestmark = pytest.mark.platform
EDITABLE = {"accounts.user", "auth.group"}
MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label_lower)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_every_list_opens_and_only_people_are_edited(
    model, admin, client_of, platform_sql
):
    factories.failed(platform_sql)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    client = client_of(admin)

    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    added = client.get(reverse(f"{name}_add")).status_code
    assert (added == 200) == (model._meta.label_lower in EDITABLE)


class TestPeople:
    """A change of what somebody may do is in the audit, without any password."""

    ADD = "/admin/accounts/user/add/"
    NEW = {"username": "zoe", "usable_password": "true"} | dict.fromkeys(
        ("password1", "password2"), "correct horse battery"
    )

    def test_adding_and_deleting(self, admin, client_of):
        client = client_of(admin)

        client.post(self.ADD, self.NEW)
        zoe = User.objects.get(username="zoe")
        client.post(f"/admin/accounts/user/{zoe.pk}/delete/", {"post": "yes"})

        entries = Entry.objects.order_by("pk").values_list(
            "action", "subject", "actor_name"
        )
        assert list(entries) == [
            ("accounts.account.added", "account zoe", "admin"),
            ("accounts.account.deleted", "account zoe", "admin"),
        ]
        assert "horse" not in "".join(Entry.objects.values_list("body", flat=True))

    def test_changing_a_role(self, admin, client_of):
        viewer = Group.objects.get(name="viewer")
        before = list(viewer.permissions.values_list("pk", flat=True))

        client_of(admin).post(
            f"/admin/auth/group/{viewer.pk}/change/",
            {"name": "viewer", "permissions": before[:1]},
        )

        viewer.permissions.set(before)
        assert Entry.objects.get().action == "accounts.role.changed"

    def test_there_is_one_door(self, client, operator):
        """The admin's own sign-in would know neither second factors nor the lock-out."""
        response = client.post(
            "/admin/login/", {"username": "operator", "password": PASSWORD}
        )

        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")

    @pytest.mark.parametrize("page", ["9999", "-1", "x"])
    def test_any_page_number(self, admin, client_of, platform_sql, page):
        client = client_of(admin)
        for address in ("platform/workspace", "operations/run", "audit/entry"):
            status = client.get(f"/admin/{address}/?p={page}").status_code
            assert status in (200, 302)


def test_names_the_rooms():
    shown = {model._meta.label_lower for model in MODELS}

    assert shown >= EDITABLE | {
        "mfa.authenticator",
        "operations.run",
        "operations.chunk",
        "audit.entry",
    }
    assert not any(label.startswith("django_q.") for label in shown)


class TestAdminRole:
    """People are the admin role's business; superusers are not."""

    @pytest.fixture
    def people_admin(self, make_user):
        user = make_user("admin", "petra")
        user.is_staff = True
        user.save()
        return user

    def test_may_change_people(self, people_admin, viewer, client_of):
        page = f"/admin/accounts/user/{viewer.pk}/change/"

        assert client_of(people_admin).get(page).status_code == 200

    def test_may_not_make_superusers(self, people_admin, viewer, admin, client_of):
        client = client_of(people_admin)
        page = client.get(f"/admin/accounts/user/{viewer.pk}/change/").text
        assert 'name="is_superuser"' not in page

        boss = client.get(f"/admin/accounts/user/{admin.pk}/change/").text
        assert 'name="_save"' not in boss


def test_secrets_of_second_factors_are_nobodys_to_see(admin, client_of):
    factor = Authenticator.objects.create(
        user=admin, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"}
    )

    page = client_of(admin).get(f"/admin/mfa/authenticator/{factor.pk}/change/").text

    assert "JBSWY3DPEHPK3PXP" not in page
