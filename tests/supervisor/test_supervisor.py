import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from opsconsole.supervisor.children import Kept
from opsconsole.supervisor.rounds import Rounds, Watchdog
from opsconsole.supervisor.supervisor import Supervisor
from tests.supervisor.processes import environment, family, lives, wait_until

FOREVER = "import time\nwhile True: time.sleep(1)"
STUBBORN = f"import signal; signal.signal(15, signal.SIG_IGN)\nprint('up', flush=True)\n{FOREVER}"
HOUSE = """
import sys
from pathlib import Path
from opsconsole.supervisor.children import Child
from opsconsole.supervisor.output import Files
from opsconsole.supervisor.supervisor import Supervisor

forks = '''
import os, time
from opsconsole.supervisor.tether import tether_forks
tether_forks()
os.fork()
os.fork()
while True: time.sleep(1)
'''
logs = Files(Path(sys.argv[1]))
names = ["web", "bulk", "urgent"]
Supervisor([Child(name, [sys.executable, "-c", forks], logs) for name in names]).run()
"""
TREE = 1 + 3 * 4  # the supervisor; three children that fork twice


def signal_soon(number: int, seconds: float = 0.3) -> None:
    threading.Timer(seconds, os.kill, [os.getpid(), number]).start()


class Base(Kept):
    """A foundation that notes what happens to it."""

    def __init__(self):
        super().__init__("postgresql")
        self.notes = []

    def start(self):
        self.notes.append("start")

    def alive(self):
        return True

    def kill(self):
        self.notes.append("kill")
        return "ended"


class TestRun:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_stops_its_children_when_told(self, child, number):
        one, other = child(FOREVER), child(FOREVER, "bulk")
        signal_soon(number)

        Supervisor([one, other]).run()

        assert not one.alive()
        assert not other.alive()

    def test_gives_the_handlers_back(self, child):
        before = signal.getsignal(signal.SIGINT)
        signal_soon(signal.SIGTERM)

        Supervisor([]).run()

        assert signal.getsignal(signal.SIGINT) is before

    def test_replaces_a_dead_child(self, child):
        one, pids = child(FOREVER), []

        def ready():
            pids.append(one.process.pid)
            if len(pids) == 1:
                os.kill(pids[0], signal.SIGKILL)
            return len(set(pids)) > 1

        Supervisor([one]).run(ready, lambda: signal_soon(signal.SIGTERM, 0))

        assert len(set(pids)) == 2

    def test_announces_once_when_ready(self, child):
        announced = []
        signal_soon(signal.SIGTERM, 0.8)

        Supervisor([]).run(announce=lambda: announced.append(1))

        assert announced == [1]

    def test_kills_what_does_not_stop_in_time(self, child, caplog):
        one = child(STUBBORN)
        path = one.output.path("web")
        ready = lambda: path.exists() and "up" in path.read_text()  # noqa: E731
        started = time.monotonic()

        Supervisor([one], grace=0.3).run(ready, lambda: signal_soon(signal.SIGTERM, 0))

        assert not one.alive()
        assert time.monotonic() - started < 5
        assert "web did not stop in time" in caplog.text

    def test_a_second_signal_after_a_second_cuts_the_grace(self, child):
        one = child(STUBBORN)
        path = one.output.path("web")
        ready = lambda: path.exists() and "up" in path.read_text()  # noqa: E731

        def twice():
            signal_soon(signal.SIGINT, 0)
            signal_soon(signal.SIGINT, 1.3)

        started = time.monotonic()
        Supervisor([one], grace=60).run(ready, twice)

        assert time.monotonic() - started < 10

    def test_the_foundation_is_first_to_start_and_last_to_stop(self, child):
        base, one = Base(), child(FOREVER)
        base.kill = lambda: base.notes.append(f"kill, child alive: {one.alive()}")
        signal_soon(signal.SIGTERM)

        Supervisor([one], foundation=base).run()

        assert base.notes == ["start", "kill, child alive: False"]

    def test_stops_everything_when_it_never_becomes_ready(self, child):
        one = child(FOREVER)

        def ready():
            raise RuntimeError("no answer")

        with pytest.raises(RuntimeError):
            Supervisor([one]).run(ready)
        assert not one.alive()


@pytest.fixture
def house(tmp_path):
    """A supervisor in a process of its own, with children that fork."""
    command = [sys.executable, "-c", HOUSE, str(tmp_path)]
    process = subprocess.Popen(command, env=environment(), start_new_session=True)
    wait_until(lambda: len(family(process.pid)) == TREE)
    yield process
    process.kill()
    process.wait()


class TestNothingIsLeft:
    @pytest.mark.parametrize(
        "number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    )
    def test_after_a_signal_to_the_supervisor(self, house, number):
        members = family(house.pid)

        house.send_signal(number)
        house.wait(10)

        wait_until(lambda: not any(map(lives, members)), 5)


class TestRounds:
    def test_a_failing_duty_ends_nothing_and_is_logged_once(self, caplog):
        done = []

        def fails():
            raise OSError("database gone")

        rounds = Rounds([fails, lambda: done.append(1)], pause=0.01)
        rounds.start()
        wait_until(lambda: len(done) > 5)
        rounds.stop()

        assert not rounds.is_alive()
        assert caplog.text.count("database gone") == 1

    def test_a_hanging_duty_does_not_keep_the_supervisor(self, child):
        never = threading.Event()
        one = child(FOREVER)
        signal_soon(signal.SIGTERM)
        started = time.monotonic()

        Supervisor([one], rounds=Rounds([never.wait], pause=0.01)).run()

        assert time.monotonic() - started < 5
        never.set()


class TestWatchdog:
    @pytest.mark.parametrize(
        ("waiting", "patience", "condemned"),
        [(2, 0, True), (0, 0, False), (2, 60, False)],
    )
    def test_condemns_a_cluster_that_takes_nothing(
        self, child, waiting, patience, condemned
    ):
        bulk = child(FOREVER, "bulk")
        bulk.care()

        Watchdog([bulk], lambda cluster, seconds: waiting, patience)()

        assert bool(bulk.condemned) is condemned

    def test_leaves_a_dead_cluster_to_the_loop(self, child):
        bulk = child("", "bulk")
        bulk.care()
        wait_until(lambda: not bulk.alive())

        Watchdog([bulk], lambda cluster, seconds: 1, 0)()

        assert not bulk.condemned

    def test_a_condemned_cluster_is_replaced(self, child):
        bulk, stuck = child(STUBBORN, "bulk"), []

        def unserved(cluster, seconds):
            stuck.append(bulk.process.pid)
            return len(stuck) == 1

        def replaced():
            return bool(stuck) and bulk.process.pid != stuck[0]

        rounds = Rounds([Watchdog([bulk], unserved, 0)], pause=0.05)
        Supervisor([bulk], rounds=rounds, grace=0.2).run(
            replaced, lambda: signal_soon(signal.SIGTERM, 0)
        )

        assert not lives(stuck[0])
