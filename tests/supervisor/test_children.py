import os
import signal
import time

from opsconsole.supervisor import children
from tests.supervisor.processes import lives, wait_until

FOREVER = "import time\nwhile True: time.sleep(1)"
STUBBORN = f"import signal; signal.signal(15, signal.SIG_IGN)\nprint('up', flush=True)\n{FOREVER}"
PARENT = (
    "import os, time\n"
    "grandchild = os.fork()\n"
    "if grandchild: print(grandchild, flush=True)\n"
    "while True: time.sleep(1)\n"
)


def written(child):
    path = child.output.path(child.name)
    return path.read_text() if path.exists() else ""


class TestChild:
    def test_starts_and_ends(self, child):
        one = child("print('hello')")
        one.care()
        wait_until(lambda: not one.alive())

        assert one.kill() == "ended with status 0"
        assert written(one) == "hello\n"

    def test_has_a_session_of_its_own(self, child):
        one = child(FOREVER)
        one.care()

        assert os.getsid(one.process.pid) == one.process.pid

    def test_is_started_again_at_once_when_it_had_settled(self, child, monkeypatch):
        monkeypatch.setattr(children, "SETTLED", 0.0)
        one = child(FOREVER)
        one.care()
        first = one.process.pid
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not one.alive())

        one.care()

        assert one.alive()
        assert one.process.pid != first

    def test_waits_longer_each_time_it_dies_young(self, child, monkeypatch):
        monkeypatch.setattr(children, "FIRST_DELAY", 0.05)
        monkeypatch.setattr(children, "LONGEST_DELAY", 0.2)
        one, delays = child("raise SystemExit(3)"), []
        for _ in range(4):
            wait_until(lambda: one.care() or one.process)
            wait_until(lambda: not one.alive())
            started = time.monotonic()
            one.care()
            delays.append(round(one._due_at - started, 2))
            assert one.process is None, "not started before its time"

        assert delays == [0.05, 0.1, 0.2, 0.2]

    def test_caring_for_a_dead_one_does_not_wait(self, child, monkeypatch):
        monkeypatch.setattr(children, "FIRST_DELAY", 5.0)
        one = child("")
        one.care()
        wait_until(lambda: not one.alive())

        started = time.monotonic()
        one.care()
        one.care()

        assert time.monotonic() - started < 1

    def test_that_cannot_be_started_is_tried_again(self, child, caplog):
        one = child("")
        one.command = ["/nowhere/to/be/found"]

        one.care()

        assert not one.alive()
        assert "web cannot start, /nowhere/to/be/found: No such file" in caplog.text
        assert "in 0.5 s" in caplog.text

    def test_a_condemned_one_is_replaced_at_once(self, child, caplog):
        one = child(STUBBORN)
        one.care()
        first = one.process.pid

        one.condemned = "takes no work"
        one.care()

        assert not lives(first)
        assert one.process.pid != first
        assert one.condemned == ""
        assert "web takes no work: starting it again now" in caplog.text

    def test_only_the_main_process_is_asked_to_stop(self, child):
        one = child(PARENT)
        one.care()
        wait_until(lambda: written(one))
        grandchild = int(written(one))

        one.ask_to_stop()
        wait_until(lambda: not one.alive())

        assert lives(grandchild)
        one.kill()
        wait_until(lambda: not lives(grandchild))

    def test_its_number_is_kept_until_it_is_swept(self, child):
        one = child("")
        one.care()
        pid = one.process.pid
        wait_until(lambda: not one.alive())

        assert not one.alive()
        assert os.path.exists(f"/proc/{pid}"), "still a zombie: nobody gets its number"


class TestTether:
    def test_grandchildren_die_with_a_killed_child(self, child):
        tether = "from opsconsole.supervisor.tether import tether_forks; tether_forks()"
        one = child(f"{tether}\n{PARENT}")
        one.care()
        wait_until(lambda: written(one))
        grandchild = int(written(one))

        os.kill(one.process.pid, signal.SIGKILL)

        wait_until(lambda: not lives(grandchild))
