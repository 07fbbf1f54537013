"""What rooms announce on every page: banners, and numbers beside the menu's entries."""

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from opsconsole.web import notices
from opsconsole.web.context import console
from opsconsole.web.navigation import Item
from opsconsole.web.notices import Banner

ENTRY = Item("Front", "overview", "zap", "", "f", "Operate")


@pytest.fixture
def announced(monkeypatch):
    """One room with a banner and a number for each person; who was asked about."""
    asked = []

    def says(person):
        asked.append(person)
        yield Banner("warning", f"For {person.name}")

    monkeypatch.setattr(notices, "BANNERS", [says])
    monkeypatch.setattr(notices, "NUMBERS", {"overview": lambda person: person.waiting})
    return asked


def person(waiting=0):
    return SimpleNamespace(
        name="ann", waiting=waiting, is_authenticated=True, has_perm=lambda name: True
    )


def test_every_room_speaks(announced):
    assert [banner.title for banner in notices.banners(person())] == ["For ann"]


def test_numbers_of_entries_that_the_person_sees(announced):
    assert notices.numbers(person(3), ["overview", "other"]) == {"overview": 3}
    assert notices.numbers(person(3), ["other"]) == {}
    assert notices.numbers(person(0), ["overview"]) == {}


def test_nobody_is_asked_before_a_page_shows_them(announced, rf):
    request = rf.get("/")
    request.user, request.resolver_match = person(), None

    context = console(request)
    assert announced == []
    assert [banner.title for banner in context["banners"]()] == ["For ann"]


def test_nothing_is_announced_before_signing_in(announced, rf):
    request = rf.get("/")
    request.user, request.resolver_match = (
        SimpleNamespace(is_authenticated=False),
        None,
    )

    context = console(request)
    assert (context["banners"], context["menu_numbers"]) == ([], {})


def test_the_menu_shows_the_number_with_its_meaning():
    menu = {"navigation": [("Operate", [ENTRY])], "current": None}

    shown = render_to_string(
        "components/navigation.html", {**menu, "numbers": {"overview": 3}}
    )
    assert ">3<span" in shown
    assert "waiting for you" in shown
    assert "waiting for you" not in render_to_string("components/navigation.html", menu)
