"""A real Chromium against a real `manage.py up`."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 90  # seconds for the first start
OURS = ("DATABASE_URL", "OPSCONSOLE_", "PLATFORM_", "DJANGO_")


@dataclass(frozen=True)
class Console:
    """A console that runs, and how to get in."""

    url: str
    state: Path
    passwords: dict[str, str]
    supervisor: subprocess.Popen


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    if CHROMIUM is None:
        sentence = "There is no Chromium: apt-get install chromium, or set CHROMIUM."
        pytest.fail(sentence) if os.environ.get("CI") else pytest.skip(sentence)
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def console(tmp_path_factory, browser_type_launch_args):
    """The sandbox as a newcomer starts it."""
    state = tmp_path_factory.mktemp("up")
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(OURS)
    }
    port = free_port()
    with (state / "up.log").open("w") as log:
        supervisor = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            env={
                **own,
                "OPSCONSOLE_STATE_DIR": str(state),
                "OPSCONSOLE_PG_BIN": os.environ.get("OPSCONSOLE_PG_BIN", ""),
                "OPSCONSOLE_SANDBOX_SCHEDULE_SECONDS": "0",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://localhost:{port}"
    wait_for(f"{url}/healthz", supervisor, state / "up.log")
    passwords = json.loads((state / "accounts.json").read_text())
    yield Console(url, state, passwords, supervisor)
    supervisor.send_signal(signal.SIGTERM)
    supervisor.wait(30)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address, supervisor, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert supervisor.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{address} did not answer: {log.read_text()}")


@pytest.fixture
def complaints(page):
    """What the browser's console said: script errors and breaches of the CSP."""
    said = []
    page.on(
        "console",
        lambda message: said.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture
def signed_in(page, console):
    """Sign in as one of the demo accounts."""

    def sign_in(role, page=page):
        page.goto(f"{console.url}/")
        page.get_by_label("Username").fill(role)
        page.get_by_label("Password", exact=True).fill(console.passwords[role])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{console.url}/", timeout=15_000)
        return page

    return sign_in
