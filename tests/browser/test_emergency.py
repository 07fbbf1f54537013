"""An emergency by keyboard alone: stop everything, see it hold, put it back."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_pages_of_runs import without_workers  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.platform, pytest.mark.slow]
SOON = 15_000  # milliseconds
FEW = 8  # key presses, beside what is typed


class Keyboard:
    """Presses keys and counts them; what is typed as text does not count."""

    def __init__(self, page):
        self.page, self.presses = page, 0

    def press(self, key):
        self.presses += 1
        self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)


def confirm_by_keyboard(page, keys, reason):
    """The plan's page has opened with the keyboard in its reason."""
    page.wait_for_url("**/runs/**")
    expect(page.locator("#id_reason")).to_be_focused()
    keys.type(reason)
    keys.press("Tab")
    expect(page.locator("#id_typed")).to_be_focused()
    keys.type(page.locator("#id_typed").get_attribute("pattern"))
    keys.press("Enter")


def stop_by_keyboard(page):
    """From any page. Answers with how many keys that took."""
    keys = Keyboard(page)
    keys.press("g")
    keys.press("e")
    expect(page.locator("#begin-stop-all-syncs")).to_be_focused()
    keys.press("Enter")
    confirm_by_keyboard(page, keys, "the quota is spent, ticket 4711")
    return keys.presses


def resume_by_keyboard(page, console):
    """From the link of the banner on to the undo's end."""
    page.goto(f"{console.url}/emergency/")
    page.locator("[id^=resume-]").last.focus()
    keys = Keyboard(page)
    keys.press("Enter")
    confirm_by_keyboard(page, keys, "the quota is back")
    expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=SOON)


def test_stop_and_resume_by_keyboard_alone(page, signed_in, console, complaints):
    signed_in("operator")
    page.goto(f"{console.url}/workspaces/")
    assert stop_by_keyboard(page) <= FEW
    expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=SOON)

    page.goto(f"{console.url}/audit/")
    banner = page.locator(".note", has_text="Syncs are stopped since")
    expect(banner).to_contain_text("By operator: the quota is spent, ticket 4711.")
    banner.get_by_role("link", name="Panel and resume").click()
    page.get_by_role("button", name="Look now").click()
    expect(
        page.get_by_text("No row is in the sync, and so none is due.")
    ).to_be_visible()

    resume_by_keyboard(page, console)
    page.goto(f"{console.url}/emergency/")
    expect(page.get_by_role("heading", name="Nothing is stopped")).to_be_visible()
    expect(page.get_by_text("Syncs are stopped")).to_have_count(0)
    assert complaints == []


def test_stops_without_any_worker(page, signed_in, console, without_workers):  # noqa: F811
    signed_in("operator")
    with without_workers():
        stop_by_keyboard(page)
        expect(page.get_by_text("this page does the work")).to_be_visible(timeout=SOON)
        expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=SOON)
        resume_by_keyboard(page, console)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_violation_while_stopped_and_not(browser, console, signed_in, scheme, width):
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    context = browser.new_context(**look, bypass_csp=True)  # axe is injected
    page = signed_in("operator", context.new_page())
    check(page, console)
    page.locator("#begin-stop-all-syncs").focus()
    page.keyboard.press("Enter")
    confirm_by_keyboard(page, Keyboard(page), "a look at it")
    expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=SOON)
    page.goto(f"{console.url}/emergency/")
    page.get_by_role("button", name="Look now").click()
    check(page, console)
    resume_by_keyboard(page, console)
    context.close()


def check(page, console):
    page.goto(f"{console.url}/emergency/")
    expect(page.locator(".lazy")).to_have_count(0, timeout=SOON)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_phone_has_it_one_click_away(browser, console, signed_in):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = signed_in("viewer", context.new_page())
    page.locator(".topbar").get_by_role("link", name="Emergency").click()

    expect(page).to_have_url(re.compile("/emergency/$"))
    expect(page.get_by_text("Your role may look but not act").first).to_be_visible()
    expect(page.locator("[id^=begin-]")).to_have_count(0)
    context.close()
