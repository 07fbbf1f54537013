"""The newcomer's first five minutes, in a real browser."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.platform]
PICTURES = os.environ.get("OPSCONSOLE_PICTURES")


def picture(page, name):
    """Keep a screenshot; `OPSCONSOLE_PICTURES=docs` renews those of the README."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


def test_reset_failed_sync_from_sign_in_to_audit(page, signed_in, console, complaints):
    signed_in("operator")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    picture(page, "overview")

    page.get_by_role("link", name="Sync health").first.click()
    boxes = page.locator("tbody input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.locator(".selection-bar").get_by_role(
        "button", name=re.compile("Reset")
    ).click()

    expect(page.get_by_role("heading", name="What the plan says")).to_be_visible()
    expect(page.get_by_text("2 rows would change.")).to_be_visible()
    picture(page, "plan")
    page.get_by_label("Reason").fill("Two customers wrote in, ticket 4711")
    page.locator("#confirm").click()

    # No reload: the live part of the page hands over to the result by itself.
    expect(page.get_by_text("Holds for 2 rows of 2 written.")).to_be_visible(
        timeout=15_000
    )
    picture(page, "result")
    page.get_by_role("link", name="In the audit log").click()
    expect(
        page.get_by_text("Two customers wrote in, ticket 4711").first
    ).to_be_visible()
    assert complaints == []


def test_a_run_finishes_without_javascript(browser, console, signed_in):
    context = browser.new_context(java_script_enabled=False)
    page = signed_in("operator", context.new_page())
    page.goto(f"{console.url}/workspaces/health/")
    page.locator("tbody input[type=checkbox]").last.check()
    page.locator(".selection-bar").get_by_role(
        "button", name=re.compile("Reset")
    ).click()
    page.get_by_label("Reason").fill("no script at all")
    page.locator("#confirm").click()

    expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=15_000)
    context.close()


def test_keyboard_alone(page, signed_in, console, complaints):
    signed_in("operator")
    page.keyboard.press("g")
    page.keyboard.press("w")
    expect(page).to_have_url(re.compile("/workspaces/$"))
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert complaints == []


def test_viewer_is_offered_nothing_that_changes(page, signed_in, console):
    signed_in("viewer")
    for address in ("/workspaces/health/", "/operations/"):
        page.goto(console.url + address)
        for role in ("button", "link"):
            offers = page.get_by_role(role, name=re.compile("Reset|Plan…"))
            expect(offers).to_have_count(0)


def test_wrong_password_is_answered_in_words(page, console):
    page.goto(console.url)
    page.get_by_label("Username").fill("operator")
    page.get_by_label("Password", exact=True).fill("not it")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_text("not correct")).to_be_visible()
