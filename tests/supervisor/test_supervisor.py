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


@pytest.fixture
def signal_soon():
    """Send ourselves a signal after some seconds; one that comes too late does no harm."""
    stopping = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: None) for number in stopping}
    timers = []

    def soon(number, seconds=0.3):
        timers.append(threading.Timer(seconds, os.kill, [os.getpid(), number]))
        timers[-1].start()

    yield soon
    for timer in timers:
        timer.cancel()
        timer.join()
    for number, handler in before.items():
        signal.signal(number, handler)


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
    def test_stops_its_children_when_told(self, signal_soon, child, number):
        one, other = child(FOREVER), child(FOREVER, "bulk")
        signal_soon(number)

        Supervisor([one, other]).run()

        assert not one.alive()
        assert not other.alive()

    def test_gives_the_handlers_back(self, signal_soon, child):
        before = signal.getsignal(signal.SIGINT)
        signal_soon(signal.SIGTERM)

        Supervisor([]).run()

        assert signal.getsignal(signal.SIGINT) is before

    def test_replaces_a_dead_child(self, signal_soon, child):
        one, pids = child(FOREVER), set()

        def replaced():
            if one.process and not pids:
                os.kill(one.process.pid, signal.SIGKILL)
            pids.update([one.process.pid] if one.process else [])
            return len(pids) > 1

        Supervisor([one]).run(replaced, lambda: signal_soon(signal.SIGTERM, 0))

        assert len(pids) == 2

    def test_announces_once_when_ready(self, signal_soon, child):
        announced = []
        signal_soon(signal.SIGTERM, 0.8)

        Supervisor([]).run(announce=lambda: announced.append(1))

        assert announced == [1]

    def test_kills_what_does_not_stop_in_time(self, signal_soon, child, caplog):
        one = child(STUBBORN)
        path = one.output.path("web")
        ready = lambda: path.exists() and "up" in path.read_text()  # noqa: E731
        started = time.monotonic()

        Supervisor([one], grace=0.3).run(ready, lambda: signal_soon(signal.SIGTERM, 0))

        assert not one.alive()
        assert time.monotonic() - started < 5
        assert "web did not stop in time" in caplog.text

    def test_a_second_signal_after_a_second_cuts_the_grace(self, signal_soon, child):
        one = child(STUBBORN)
        path = one.output.path("web")
        ready = lambda: path.exists() and "up" in path.read_text()  # noqa: E731

        def twice():
            signal_soon(signal.SIGINT, 0)
            signal_soon(signal.SIGINT, 1.3)

        started = time.monotonic()
        Supervisor([one], grace=60).run(ready, twice)

        assert time.monotonic() - started < 10

    def test_the_foundation_is_first_to_start_and_last_to_stop(
        self, signal_soon, child
    ):
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

    def test_a_hanging_duty_does_not_keep_the_supervisor(self, signal_soon, child):
        never = threading.Event()
        one = child(FOREVER)
        signal_soon(signal.SIGTERM)
        started = time.monotonic()

        Supervisor([one], rounds=Rounds([never.wait], pause=0.01)).run()

        assert time.monotonic() - started < 5
        never.set()


class TestWatchdog:
    def test_condemns_a_cluster_that_leaves_a_run_waiting(self, child):
        bulk = child(FOREVER, "bulk")
        bulk.care()
        watchdog = Watchdog([bulk], lambda cluster: {7, 8}, patience=0.05)

        watchdog()
        assert not bulk.condemned, "seen for the first time"
        time.sleep(0.1)
        watchdog()

        assert bulk.condemned == "takes no work (runs waiting: 2)"

    @pytest.mark.parametrize(
        ("first", "then", "patience"),
        [(set(), set(), 0.05), ({7}, {8}, 0.05), ({7}, set(), 0.05), ({7}, {7}, 60)],
    )
    def test_trusts_a_cluster(self, child, first, then, patience):
        bulk, answers = child(FOREVER, "bulk"), iter([first, then])
        bulk.care()
        watchdog = Watchdog([bulk], lambda cluster: next(answers), patience)

        watchdog()
        time.sleep(0.1)
        watchdog()

        assert not bulk.condemned

    def test_gives_a_new_cluster_time(self, child):
        bulk = child(FOREVER, "bulk")
        watchdog = Watchdog([bulk], lambda cluster: {7}, patience=0.1)
        watchdog()
        time.sleep(0.2)
        bulk.care()

        watchdog()

        assert not bulk.condemned

    def test_leaves_a_dead_cluster_to_the_loop(self, child):
        bulk = child("", "bulk")
        bulk.care()
        wait_until(lambda: not bulk.alive())
        watchdog = Watchdog([bulk], lambda cluster: {7}, patience=0)

        watchdog()
        watchdog()

        assert not bulk.condemned

    def test_a_condemned_cluster_is_replaced(self, signal_soon, child):
        bulk, pids = child(STUBBORN, "bulk"), set()

        def waiting(cluster):
            return {7} if len(pids) < 2 else set()

        def replaced():
            pids.update([bulk.process.pid] if bulk.process else [])
            return len(pids) > 1

        rounds = Rounds([Watchdog([bulk], waiting, 0.1)], pause=0.05)
        Supervisor([bulk], rounds=rounds, grace=0.2).run(
            replaced, lambda: signal_soon(signal.SIGTERM, 0)
        )

        assert len(pids) == 2
        assert not any(map(lives, pids))
