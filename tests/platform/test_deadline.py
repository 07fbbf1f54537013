"""One deadline for all that a page asks, whether the server keeps it or not."""

from time import monotonic

import pytest
from django.db import OperationalError, connections
from django.http import HttpResponse
from django.test import RequestFactory

from opsconsole.platform import deadline as module
from opsconsole.platform.db import fetch
from opsconsole.platform.deadline import PAGE, PageDeadline, deadline, left
from opsconsole.platform.panel import ask

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("databases")]
FROZEN = "SET LOCAL statement_timeout = 0; SELECT pg_sleep(20)"


@pytest.fixture
def took():
    """Seconds since the test began."""
    began = monotonic()
    return lambda: monotonic() - began


def repeat(statement):
    while True:
        fetch(statement)


def test_statements_share_it(took):
    with pytest.raises(OperationalError, match="timeout"), deadline(0.6):
        repeat("SELECT pg_sleep(0.2)")

    assert 0.5 < took() < 1.5


def test_nothing_is_asked_when_it_is_used_up():
    with pytest.raises(OperationalError, match="used up"), deadline(0.2):
        repeat("SELECT 1")


def test_a_server_that_does_not_keep_it_is_hung_up_on(took):
    with pytest.raises(OperationalError), deadline(0.2):
        fetch(FROZEN)

    assert took() < 2
    connections["platform"].close()
    assert fetch("SELECT 1 AS one") == [{"one": 1}]


def test_what_came_before_a_panel_in_trouble_stays(took):
    """An inner part fails alone: the page's transaction goes on."""
    with deadline(1):
        before = fetch("SELECT 1 AS one")
        assert ask(lambda: fetch("SELECT pg_sleep(9)")).answer is None
        assert before

    assert took() < 2


def test_a_panel_fails_alone_while_there_is_time():
    with deadline(5):
        lost = ask(
            lambda: fetch("SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)")
        )
        assert lost.problem == "The platform's database took too long to answer."
        assert fetch("SELECT 1 AS one") == [{"one": 1}]


def test_the_setting_does_not_outlive_it():
    before = fetch("SHOW statement_timeout")

    with deadline(0.5):
        assert fetch("SHOW statement_timeout") != before

    assert fetch("SHOW statement_timeout") == before


def test_the_clock_starts_with_the_request(monkeypatch):
    monkeypatch.setattr(module, "PAGE", 0.3)

    def view(request):
        assert left() <= 0.3
        panels = [ask(lambda: fetch("SELECT pg_sleep(0.2)")) for _ in range(9)]
        assert panels[0].answer is not None
        return HttpResponse(panels[-1].problem)

    response = PageDeadline(view)(RequestFactory().get("/"))

    assert response.text == "The platform's database took too long to answer."
    assert module._ends.get() is None


def test_outside_of_a_request_all_of_it_is_left():
    assert left() == PAGE
