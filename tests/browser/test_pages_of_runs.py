"""Runs in a real browser: live without a reload, paused by hand, and without any worker."""

import os
import re
import signal
from contextlib import contextmanager

import psutil
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.platform, pytest.mark.slow]
SOON = 15_000  # milliseconds


@pytest.fixture
def without_workers(console):
    """A time in which neither a worker nor the supervisor does anything."""

    @contextmanager
    def stopped():
        supervisor = psutil.Process(console.supervisor.pid)
        below = supervisor.children(recursive=True)
        workers = [one for one in below if "worker" in one.cmdline()]
        pids = [supervisor.pid, *(one.pid for one in workers)]
        assert len(pids) > 2
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)

    return stopped


def planned(page, console, slug):
    """Plan an operation with its form as it comes."""
    page.goto(f"{console.url}/operations/{slug}/plan/")
    page.get_by_role("button", name="Show what would change").click()
    page.wait_for_url("**/runs/**")


def confirm(page):
    page.get_by_label("Reason").fill("quota is spent, ticket 4711")
    typed = page.locator("#id_typed")
    if typed.count():
        typed.fill(typed.get_attribute("pattern"))
    page.locator("#confirm").click()


def test_an_emergency_and_its_undo_without_any_worker(
    page, signed_in, console, without_workers, complaints
):
    signed_in("operator")
    planned(page, console, "stop-all-syncs")
    with without_workers():
        confirm(page)
        expect(page.get_by_text("this page does the work")).to_be_visible(timeout=SOON)
        expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=SOON)

        page.goto(f"{console.url}/operations/queue/")
        expect(
            page.get_by_text("No worker of the cluster urgent is alive")
        ).to_be_visible(timeout=SOON)
        page.go_back()
        page.get_by_role("button", name="Plan the undo").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Undo: Stop all")
        confirm(page)
        expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=SOON)

    page.get_by_role("link", name=re.compile(r"^run \d+$")).first.click()
    expect(page.get_by_text("It was undone")).to_be_visible()
    assert complaints == []


def test_a_pause_is_typed_while_the_page_renews_itself(
    page, signed_in, console, without_workers, complaints
):
    signed_in("operator")
    planned(page, console, "double-intervals")
    with without_workers():
        confirm(page)
        page.get_by_role("button", name="Pause…").click()
        page.get_by_label("Why").fill("the customer calls back")
        for _ in range(2):
            page.wait_for_event("response", lambda one: "/progress/" in one.url)
        expect(page.get_by_label("Why")).to_have_value("the customer calls back")
        expect(page.get_by_label("Why")).to_be_focused()
        page.get_by_role("button", name="Pause", exact=True).click()

    expect(page.get_by_text("Reason: the customer calls back.")).to_be_visible(
        timeout=SOON
    )
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Verified on the platform")).to_be_visible(timeout=SOON)
    assert complaints == []
