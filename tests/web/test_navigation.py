"""The menu shows what a person may open, and nothing that does not exist."""

from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from opsconsole.web import navigation
from opsconsole.web.context import ConsoleEnvironment, console
from opsconsole.web.navigation import ITEMS, Item

urlpatterns = [
    path(address, lambda request: HttpResponse(), name=name)
    for name, address in {
        "front": "",
        "workspaces": "workspaces/",
        "health": "workspaces/health/",
        "account_login": "sign-in/",
    }.items()
]
MENU = (
    Item("Front", "front", "zap", "", "f", "Operate"),
    Item("Workspaces", "workspaces", "zap", "platform.view_workspace", "w", "Operate"),
    Item("Health", "health", "zap", "platform.view_workspace", "h", "Know"),
    Item("Gone", "no_such_page", "zap", "", "x", "Know"),
    Item("Admin", "front", "zap", "", "d", "System", staff_only=True),
)


def person(*permissions, is_staff=False):
    return SimpleNamespace(
        is_authenticated=True, is_staff=is_staff, has_perm=permissions.__contains__
    )


@pytest.fixture(autouse=True)
def our_urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def labels(user):
    return [item.label for item in navigation.visible(user, MENU)]


def test_leaves_out_what_is_not_permitted():
    assert labels(person()) == ["Front"]


def test_shows_what_is_permitted():
    assert labels(person("platform.view_workspace")) == [
        "Front",
        "Workspaces",
        "Health",
    ]


def test_the_admin_is_for_staff():
    assert labels(person(is_staff=True)) == ["Front", "Admin"]


def test_groups_keep_the_order_of_the_menu():
    items = navigation.visible(person("platform.view_workspace"), MENU)

    assert [name for name, _ in navigation.grouped(items)] == ["Operate", "Know"]


@pytest.mark.parametrize(
    ("view_name", "address", "label"),
    [
        ("front", "/", "Front"),
        ("workspaces", "/workspaces/", "Workspaces"),
        ("workspace", "/workspaces/7/", "Workspaces"),
        ("health", "/workspaces/health/", "Health"),
    ],
)
def test_a_page_belongs_to_the_nearest_entry_above_it(view_name, address, label):
    item = navigation.current(MENU[:3], view_name, address)

    assert item.label == label


def test_a_page_outside_the_menu_belongs_to_none():
    assert navigation.current(MENU[:3], "audit", "/audit/") is None


def test_keys_are_not_given_twice():
    assert len({item.key for item in ITEMS}) == len(ITEMS)


def test_nobody_sees_a_menu_before_signing_in(rf):
    request = rf.get("/")
    request.user = SimpleNamespace(is_authenticated=False)

    assert console(request)["navigation"] == []


def test_a_request_without_a_user_is_no_error(rf):
    assert console(rf.get("/nowhere/"))["current"] is None


def test_the_environment_is_named():
    assert ConsoleEnvironment("sandbox").label == "SANDBOX"
    assert not ConsoleEnvironment("staging").is_production
    assert ConsoleEnvironment("production").is_production
