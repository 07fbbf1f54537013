"""The operators' flows by keyboard alone, each page of them checked by axe, light and dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_morning import press, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.platform, pytest.mark.slow]
SOON = 30_000  # milliseconds
DAYS = iter(("90", "40"))  # the second run finds what the first one left
PROVEN = "Verified on the platform"
REASON = "quota is spent, ticket 4711"


@pytest.fixture(params=["light", "dark"])
def own_page(browser, request):
    """A page of a browser of one's own; axe is injected."""
    contexts = []

    def make():
        look = {"viewport": {"width": 1440, "height": 900}}
        context = browser.new_context(
            **look, color_scheme=request.param, bypass_csp=True
        )
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def as_role(own_page, signed_in):
    return lambda role: signed_in(role, own_page())


def accessible(page):
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def confirmed(page):
    """From a plan's page to the proof, by what the page asks for."""
    page.wait_for_url("**/runs/**")
    accessible(page)
    tab_to(page, "Reason")
    page.keyboard.type(REASON)
    typed = page.locator("#id_typed")
    press(page, "Tab")
    if typed.count():
        expect(typed).to_be_focused()
        page.keyboard.type(typed.get_attribute("pattern"))
    else:
        expect(page.locator("#confirm")).to_be_focused()
    press(page, "Enter")


def proven(page):
    expect(page.get_by_text(PROVEN)).to_be_visible(timeout=SOON)
    accessible(page)


def test_force_sync(as_role, console):
    page = as_role("operator")
    page.goto(f"{console.url}/workspaces/health/?word=overdue")
    press(page, "j", "x", "j", "x")
    tab_to(page, "Force sync…")
    press(page, "Enter")
    page.wait_for_url("**/force-sync/plan/**")
    accessible(page)
    tab_to(page, "Show what would change")
    press(page, "Enter")
    confirmed(page)
    proven(page)
    expect(page.get_by_text(re.compile(r"Of 2: .* without a trace"))).to_be_visible()
    expect(page.get_by_role("heading", name="What was answered")).to_be_visible()


def test_double_intervals_and_its_undo(as_role, console):
    page = as_role("operator")
    page.goto(f"{console.url}/operations/double-intervals/plan/")
    tab_to(page, "Show what would change")
    press(page, "Enter")
    confirmed(page)
    proven(page)
    tab_to(page, "Plan the undo")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undo: Double")
    confirmed(page)
    proven(page)


def test_approval_by_a_second_person(as_role, console):
    asking, deciding = as_role("operator"), as_role("approver")
    asking.goto(f"{console.url}/operations/archive-metrics/plan/")
    tab_to(asking, "Older than")
    press(asking, "Control+a")
    asking.keyboard.type(next(DAYS))
    tab_to(asking, "Show what would change")
    press(asking, "Enter")
    confirmed(asking)
    expect(asking.get_by_text("awaiting approval").first).to_be_visible()
    accessible(asking)

    deciding.goto(f"{console.url}/operations/approvals/")
    accessible(deciding)
    deciding.goto(asking.url)
    accessible(deciding)
    tab_to(deciding, "Approve")
    press(deciding, "Enter")
    proven(deciding)
    expect(asking.get_by_text(PROVEN)).to_be_visible(timeout=SOON)
