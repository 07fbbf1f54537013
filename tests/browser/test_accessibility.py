"""axe on every page, in light and dark and at phone width, and no breach of the CSP."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
LOOKS = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
PAGES = [
    "/",
    "/workspaces/",
    "/workspaces/?columns=tier&q=no-such-workspace",
    "/workspaces/health/",
    "/workspaces/health/?word=starved&flag=duplicate",
    "/workspaces/health/errors/",
    "/workspaces/health/errors/000000000000/",
    "/workspaces/health/unsynced/",
    "/operations/",
    "/operations/reset-failed-sync/plan/",
    "/operations/set-interval/plan/",
    "/operations/runs/",
    "/operations/queue/",
    "/operations/approvals/",
    "/emergency/",
    "/deployment/",
    "/audit/",
    "/search/?q=a",
    "/accounts/me/",
    "/contract/",
    "/sandbox/",
]
FIRST = [
    ("/workspaces/", "tbody a"),
    ("/workspaces/health/", "#list tbody a[href*='/workspaces/repositories/']"),
    ("/workspaces/health/errors/", "tbody a[href*='/health/errors/']"),
]  # pages found by the first such link of another one


@pytest.mark.parametrize("look", LOOKS)
def test_no_violation_on_any_page(browser, console, signed_in, look):
    context = browser.new_context(**LOOKS[look], bypass_csp=True)  # axe is injected
    page = signed_in("admin", context.new_page())
    addresses = [console.url + address for address in PAGES]
    for address, link in FIRST:
        page.goto(console.url + address)
        addresses.append(page.locator(link).first.evaluate("link => link.href"))
    addresses.append(plan_of_one_repository(page, console))

    for address in addresses:
        page.goto(address)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{address} scrolls sideways"
    context.close()


def plan_of_one_repository(page, console):
    page.goto(console.url + "/operations/reset-failed-sync/plan/?all_failed=on")
    page.get_by_role("button", name="Show what would change").click()
    page.wait_for_url("**/runs/**")
    return page.url


def test_sign_in_page(browser, console):
    for look in LOOKS.values():
        context = browser.new_context(**look, bypass_csp=True)
        page = context.new_page()
        page.goto(console.url)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        context.close()
