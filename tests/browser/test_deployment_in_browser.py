"""The deployment page with all its pieces: axe, sideways scrolling, the keyboard's place."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_accessibility import LOOKS

pytestmark = pytest.mark.browser
PATIENCE = 30_000  # milliseconds for all pieces


@pytest.mark.parametrize("look", LOOKS)
def test_no_violation(browser, console, signed_in, look):
    context = browser.new_context(**LOOKS[look], bypass_csp=True)  # axe is injected
    page = signed_in("viewer", context.new_page())
    page.goto(f"{console.url}/deployment/")
    expect(page.locator(".lazy")).to_have_count(0, timeout=PATIENCE)

    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()


def test_checking_again_keeps_the_keyboard_where_it_is(
    signed_in, page, console, complaints
):
    signed_in("operator")
    page.goto(f"{console.url}/deployment/")
    expect(page.locator(".lazy")).to_have_count(0, timeout=PATIENCE)
    page.locator("#again-tables").focus()
    with page.expect_response("**/deployment/tables/?again=1"):
        page.keyboard.press("Enter")

    expect(page.locator("#again-tables")).to_be_focused()
    assert complaints == []
