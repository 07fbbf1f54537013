"""The palette, list tools and selection, by keyboard and by mouse."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def palette(page, signed_in):
    """Open over the overview, with the pages in it."""
    signed_in("operator")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Overview")).to_be_visible()
    return page.get_by_role("combobox")


def active(page):
    return page.locator("#palette [aria-selected=true]")


def test_palette_by_keyboard_alone(page, palette, complaints):
    expect(palette).to_be_focused()
    expect(palette).to_have_attribute("aria-expanded", "true")
    expect(active(page)).to_contain_text("Overview")
    expect(palette).to_have_attribute(
        "aria-activedescendant", active(page).get_attribute("id")
    )

    page.keyboard.press("ArrowUp")  # from the first one to the last
    expect(active(page)).not_to_contain_text("Overview")
    page.keyboard.type("health")
    expect(active(page)).to_contain_text("Sync health")
    expect(page.locator("#palette [role=status]")).to_contain_text("found")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/workspaces/health/"))
    assert complaints == []


def test_palette_closes_and_gives_the_focus_back(page, palette):
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    button = page.get_by_role("link", name="Search")
    button.click()
    expect(palette).to_be_focused()
    page.keyboard.press("Control+k")

    expect(button).to_be_focused()


def test_enter_without_a_choice_opens_the_page_of_results(page, palette):
    page.route("**/search/*", lambda route: route.abort("failed"))
    page.keyboard.type("acme")
    expect(palette).not_to_have_attribute("aria-activedescendant", re.compile("."))
    page.unroute("**/search/*")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/search/\?q=acme"))


def test_slash_opens_the_palette_where_there_is_no_list(page, signed_in, console):
    signed_in("operator")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox")).to_be_focused()

    page.goto(console.url + "/workspaces/")
    page.keyboard.press("/")
    expect(page.locator("#id_q")).to_be_focused()


def test_brackets_turn_the_page(page, signed_in, console):
    signed_in("viewer")
    page.goto(console.url + "/workspaces/")
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.locator(".pager [aria-current]")).to_have_text("2")

    page.keyboard.press("[")
    expect(page.locator(".pager [aria-current]")).to_have_text("1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_wrong_with_what_opens(browser, console, signed_in, scheme):
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = signed_in("admin", context.new_page())
    page.keyboard.press("Control+k")
    page.get_by_role("option").first.wait_for()
    clean(page)

    page.goto(console.url + "/search/?q=a%20")
    clean(page)
    page.goto(console.url + "/workspaces/?q=a")
    page.get_by_role("button", name="Columns").click()
    clean(page)
    page.get_by_role("button", name="Save view…").click()
    clean(page)
    context.close()


def clean(page):
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_columns_are_chosen_and_stay(page, signed_in, console):
    signed_in("viewer")
    page.goto(console.url + "/workspaces/?q=a&page=2")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Tier").uncheck()
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.get_by_role("columnheader", name="Tier")).to_have_count(0)
    expect(page.get_by_role("columnheader", name="Last sync")).to_be_visible()
    assert "q=a" in page.url
    assert "none" not in page.url
    assert "page=2" in page.url  # the rows are the same
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("link", name="Reset").click()
    expect(page.get_by_role("columnheader", name="Tier")).to_be_visible()


def test_a_view_is_saved_found_and_deleted(page, signed_in, console, complaints):
    signed_in("operator")
    page.goto(console.url + "/workspaces/")
    page.locator("#id_tier").select_option("pro")
    page.get_by_role("button", name="Save view…").click()
    page.get_by_role("textbox", name="Name").fill("Paying")
    page.keyboard.press("Enter")

    tab = page.get_by_role("link", name="Paying")
    expect(tab).to_have_attribute("aria-current", "page")
    page.locator("#id_tier").select_option("free")
    expect(tab).not_to_have_attribute("aria-current", "page")
    tab.click()
    page.get_by_role("button", name="Delete view…").click()
    page.get_by_role("button", name="Delete view", exact=True).click()
    expect(page.get_by_text("Deleted the view “Paying”.")).to_be_visible()
    assert complaints == []


def test_the_link_is_copied_or_shown(browser, console, signed_in):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = signed_in("viewer", context.new_page())
    page.goto(console.url + "/workspaces/?q=a")
    page.get_by_role("button", name="Copy link to this list").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url

    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    page.get_by_role("button", name="Copy link to this list").click()
    expect(page.get_by_label("Link to this list", exact=True)).to_have_value(page.url)
    context.close()


def test_all_that_match_are_sent_instead_of_ids(page, signed_in, console):
    signed_in("operator")
    page.goto(console.url + "/workspaces/health/")
    offer = page.locator("[data-select-matching]")
    page.locator("tbody [data-select]").first.check()
    expect(offer).to_be_hidden()

    page.locator("[data-select-all]").focus()
    page.keyboard.press("Space")
    expect(offer).to_be_visible()
    offer.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-selection-count]")).to_have_text(
        offer.get_attribute("data-select-matching")
    )
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator(".selection-bar .selection-actions button").first.click()
    assert "matching=" in sent.value.post_data
    assert "repositories=" not in sent.value.post_data


def test_a_part_that_cannot_be_loaded_says_so(page, signed_in, console):
    signed_in("viewer")
    page.goto(console.url + "/workspaces/")
    page.evaluate(
        """() => {
            const lazy = document.createElement("div");
            lazy.className = "lazy";
            lazy.setAttribute("hx-get", "/no-such-part/");
            lazy.setAttribute("hx-trigger", "load");
            document.querySelector("main").append(lazy);
            htmx.process(lazy);
        }"""
    )

    problem = page.locator(".panel-problem")
    expect(problem).to_contain_text("This part could not be loaded.")
    expect(problem.get_by_role("link", name="Retry")).to_be_visible()


def test_orders_are_chosen_on_a_phone(browser, console, signed_in):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = signed_in("viewer", context.new_page())
    page.goto(console.url + "/workspaces/")
    page.get_by_label("Sort by").select_option("-name")

    expect(page).to_have_url(re.compile("sort=-name"))
    expect(page.get_by_label("Sort by")).to_have_value("-name")
    context.close()


def test_lists_work_without_script(browser, console, signed_in):
    context = browser.new_context(java_script_enabled=False)
    page = signed_in("operator", context.new_page())
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("health")
    page.get_by_role("button", name="Search").click()
    expect(
        page.get_by_role("main").get_by_role("link", name="Sync health")
    ).to_be_visible()

    page.goto(console.url + "/workspaces/?q=a")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Tier").uncheck()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("columnheader", name="Tier")).to_have_count(0)
    page.get_by_role("button", name="Save view…").click()
    page.get_by_role("textbox", name="Name").fill("By hand")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="By hand")).to_have_attribute(
        "aria-current", "page"
    )
    context.close()
