"""The whole morning check by keyboard alone: from sign-in to a proven reset and back."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.platform]
FAR_ENOUGH = 250  # presses of Tab; a page that needs more has no order
NAME_OF_FOCUS = """() => {
    const here = document.activeElement;
    return (here.ariaLabel || here.labels?.[0]?.textContent || here.textContent || "").trim();
}"""


def tab_to(page, name):
    """Press Tab until what has the focus is called so, as somebody without a mouse does."""
    for _ in range(FAR_ENOUGH):
        page.keyboard.press("Tab")
        if re.match(name, page.evaluate(NAME_OF_FOCUS)):
            return
    pytest.fail(f"Tab never reaches {name!r} on {page.url}")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_morning_check(page, console, complaints):
    page.goto(console.url)
    tab_to(page, "Username")
    page.keyboard.type("operator")
    tab_to(page, "Password")
    page.keyboard.type(console.passwords["operator"])
    press(page, "Enter")
    expect(page.get_by_role("heading", name="What needs attention")).to_be_visible()

    tab_to(page, "Open the group")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/workspaces/health/errors/[0-9a-f]{12}/"))
    group = page.url

    press(page, "j", "x", "j", "x")
    expect(page.locator("[data-selection-count]").first).to_have_text("2")
    tab_to(page, "Reset failed sync…")
    press(page, "Enter")
    expect(page.get_by_text("2 rows would change.")).to_be_visible()

    tab_to(page, "Reason")
    page.keyboard.type("Morning check, ticket 4712")
    tab_to(page, "Reset failed sync: 2 rows")
    press(page, "Enter")
    expect(page.get_by_text("Holds for 2 rows of 2 written.")).to_be_visible(
        timeout=20_000
    )

    press(page, "g", "h")
    expect(page.get_by_role("heading", name="Sync health", level=1)).to_be_visible()
    press(page, "/")
    page.keyboard.type("a")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("q=a"))
    press(page, "Escape", "g", "r")
    expect(page.get_by_text("2 repositories").first).to_be_visible()
    press(page, "g", "o")
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    assert page.url != group
    assert complaints == []
