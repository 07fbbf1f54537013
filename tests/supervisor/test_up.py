"""The whole sandbox, as a newcomer starts it, and what happens when parts of it are killed."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from opsconsole.supervisor.ports import unused
from opsconsole.supervisor.readiness import Readiness
from tests.supervisor.processes import (
    command_line,
    environment,
    family,
    lives,
    parent,
    variable,
    wait_until,
)

SECOND_START = 10  # seconds at most
CLUSTER = 4  # processes at least: main, sentinel, worker, monitor or pusher


@dataclass
class Up:
    """A running `manage.py up`."""

    process: subprocess.Popen
    port: int
    state: Path

    def named(self, text):
        """Our child whose command line, or cluster's name, has the text; None without one."""
        for pid in family(self.process.pid):
            if parent(pid) == self.process.pid and (
                text in command_line(pid) or variable(pid, "Q_CLUSTER_NAME") == text
            ):
                return pid
        return None

    def healthy(self):
        return Readiness("127.0.0.1", self.port, "localhost")()

    def page(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()


def command(state, port, *more):
    return {
        "args": [sys.executable, "manage.py", "up", "--port", str(port), *more],
        "env": environment(
            OPSCONSOLE_STATE_DIR=str(state),
            OPSCONSOLE_PG_BIN=os.environ.get("OPSCONSOLE_PG_BIN", ""),
            OPSCONSOLE_SANDBOX_SCHEDULE_SECONDS="0",
        ),
    }


@pytest.fixture
def start(tmp_path):
    """Start `up` over one state directory; wait until it answers."""
    tmp_path.chmod(0o711)
    started = []

    def start():
        port = unused("127.0.0.1")
        with (tmp_path / "out").open("w") as out:
            process = subprocess.Popen(
                **command(tmp_path, port), stdout=out, stderr=out
            )
        started.append(process)
        one = Up(process, port, tmp_path)
        wait_until(
            lambda: (
                "is ready" in (tmp_path / "out").read_text()
                or process.poll() is not None
            ),
            60,
        )
        assert process.poll() is None, (tmp_path / "out").read_text()
        return one

    yield start
    for process in started:
        process.kill()
        process.wait()


def said(state, port, *more, **variables):
    """What another `up` answers: (exit status, standard error)."""
    call = command(state, port, *more)
    call["env"] |= variables
    answer = subprocess.run(**call, capture_output=True, text=True, timeout=60)
    return answer.returncode, answer.stderr.strip()


class TestRefusals:
    def test_a_busy_port_is_named_before_anything_starts(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            status, sentence = said(tmp_path, port)

        assert status == 1
        assert sentence.startswith(f"CommandError: Port {port} is in use by ")
        assert not (tmp_path / "pg").exists()

    def test_is_for_the_sandbox_only(self, tmp_path):
        database = "postgresql://someone@nowhere.invalid/console"
        status, sentence = said(
            tmp_path,
            8000,
            DATABASE_URL=database,
            PLATFORM_DATABASE_URL=database,
            OPSCONSOLE_SECRET_KEY="k" * 50,
        )

        assert status == 1
        assert sentence.startswith("CommandError: `up` runs the sandbox")

    def test_a_server_that_cannot_start_is_a_sentence(self, tmp_path):
        (tmp_path / "bin").mkdir()
        status, sentence = said(
            tmp_path, unused("127.0.0.1"), OPSCONSOLE_PG_BIN=str(tmp_path / "bin")
        )

        assert status == 1
        assert sentence.startswith("CommandError: OPSCONSOLE_PG_BIN is ")
        assert "Traceback" not in sentence


@pytest.mark.slow
class TestUp:
    def test_survives_its_parts_and_leaves_nothing(self, start):
        one = start()
        accounts = (one.state / "accounts.json").read_text()
        out = (one.state / "out").read_text()
        assert all(password in out for password in json.loads(accounts).values())
        assert one.page("/accounts/login/") == 200
        self.second_up_is_refused(one)
        self.parts_are_replaced(one)
        self.server_is_replaced(one)

        members = family(one.process.pid)
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(30) == 0
        wait_until(lambda: not any(map(lives, members)), 5)

        began = time.monotonic()
        again = start()
        assert time.monotonic() - began < SECOND_START
        assert (again.state / "accounts.json").read_text() == accounts
        assert "Filling" not in (again.state / "out").read_text()

        members = family(again.process.pid)
        again.process.kill()
        wait_until(lambda: not any(map(lives, members)), 10)

    def second_up_is_refused(self, one):
        status, sentence = said(one.state, unused("127.0.0.1"))

        assert status == 1
        assert f"runs already (process {one.process.pid}" in sentence

    def parts_are_replaced(self, one):
        wait_until(lambda: len(family(one.named("bulk"))) >= CLUSTER)
        for text in ("gunicorn", "bulk", "urgent", "standin"):
            first = one.named(text)
            members = family(first)
            os.kill(first, signal.SIGKILL)
            wait_until(
                lambda first=first, text=text: one.named(text) not in (first, None)
            )
            wait_until(lambda members=members: not any(map(lives, members)), 3)
        wait_until(one.healthy)

    def server_is_replaced(self, one):
        first = one.named("postgres")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: one.named("postgres") not in (first, None))
        wait_until(lambda: one.page("/accounts/login/") == 200)
