"""Who gets in, who does not, and what a role is."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from opsconsole.accounts.models import User
from opsconsole.accounts.roles import ROLES
from tests.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("databases")
PRIVATE = [
    "/",
    "/workspaces/",
    "/operations/",
    "/operations/runs/",
    "/audit/",
    "/contract/",
    "/admin/",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_everything_asks_to_sign_in(client, address):
    response = client.get(address)

    assert response.status_code == 302
    assert "login" in response.url


def test_signing_in_leads_to_where_one_wanted_to_go(client, operator):
    response = client.post(
        reverse("account_login") + "?next=/audit/",
        {"login": "operator", "password": PASSWORD, "next": "/audit/"},
    )

    assert response.url == "/audit/"


def test_no_redirect_to_another_site(client, operator):
    response = client.post(
        reverse("account_login"),
        {"login": "operator", "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert response.url == "/"


def test_sign_up_is_closed(client):
    response = client.post(
        reverse("account_signup"),
        {"username": "intruder", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert not User.objects.exists()
    assert response.status_code == 200
    assert "closed" in response.text.lower()


def test_sixth_wrong_password_is_locked_out(client, operator):
    login = {"login": "operator", "password": "wrong"}
    for _ in range(5):
        client.post(reverse("account_login"), login)

    response = client.post(
        reverse("account_login"), {"login": "operator", "password": PASSWORD}
    )

    assert "Too many failed" in response.text


def test_reauthentication_is_available(operator, client_of):
    assert client_of(operator).get(reverse("account_reauthenticate")).status_code == 200


def test_roles_are_groups():
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_look(make_user, role):
    user = make_user(role)

    for permission in (
        "platform.view_workspace",
        "operations.view_run",
        "audit.view_entry",
    ):
        assert user.has_perm(permission)


def test_only_staff_see_the_admin(operator, admin, client_of):
    assert client_of(operator).get("/admin/").status_code in (302, 403)
    assert client_of(admin).get("/admin/").status_code == 200


def test_unknown_time_zone_is_refused(operator):
    operator.time_zone = "Mars/Olympus"

    with pytest.raises(Exception, match="is not a time zone"):
        operator.full_clean()


@pytest.mark.parametrize(
    "address",
    [
        "password/change/",
        "2fa/",
        "2fa/totp/activate/",
        "2fa/webauthn/add/",
        "me/",
        "logout/",
    ],
)
def test_every_page_of_ones_own_account_opens(operator, client, address):
    """Signed in a moment ago, so that no page asks for the password once more."""
    login = {"login": "operator", "password": PASSWORD}
    client.post(reverse("account_login"), login)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert client.get(f"/accounts/{address}").status_code == 200


def test_nothing_promises_mail_that_is_not_sent(client):
    assert "Forgot" not in client.get(reverse("account_login")).text
    assert client.get("/accounts/password/reset/").status_code == 404
