"""Kill the worker of a run at a random instant, again and again, and prove each run."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import psycopg
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations import decisions
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.states import State
from opsconsole.operations.tasks import ATTEMPTS
from tests.operations.demonstration import Change
from tests.operations.somebody import SomebodyElse
from tests.operations.stage import Stage, assert_as_reported, lease_over

ROWS = 20_000
HOLD = "SELECT id FROM demonstration WHERE id = ANY(%s) FOR UPDATE"
LONGEST = 120.0  # seconds without a worker, after which nobody will come any more
WHILE = 0.8  # seconds; workers die at any instant of that time


class Campaign:
    """Applies and undoes a change of ROWS rows until enough workers have died."""

    def __init__(self, url: str, kills: int, seed: int) -> None:
        self.url, self.kills, self.seed = url, kills, seed
        self.random = random.Random(seed)
        self.died: Counter[str] = Counter()  # by the state of the run
        self.ended: Counter[str] = Counter()  # runs by their last state
        self.rows: Counter[str] = Counter()
        self.request = planner.Request(User.objects.get(), "terminal")

    def go(self) -> Iterator[str]:
        """One line for each change and its undo; an AssertionError is the failure."""
        connection = psycopg.connect(self.url, autocommit=True)
        with connection:
            stage = Stage(lambda sql, *params: _rows(connection, sql, params))
            stage.build()
            while self.died.total() < self.kills:
                yield self._round(stage)
            stage.clear()

    def hold(self, seconds: float) -> str:
        """Another session holds 100 rows: the run waits, says so, and finishes."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            stage = Stage(lambda sql, *params: _rows(connection, sql, params))
            stage.build()
            keys = stage.fill(ROWS)
            run = planner.plan(Change, {"add": 5}, self.request)
            with psycopg.connect(self.url, application_name="nightly job") as other:
                other.execute(HOLD, [keys[ROWS // 2 : ROWS // 2 + 100]])
                self._confirm(run)
                said = _said_while(run, seconds)
            self._until_rest(run)
            assert_as_reported(stage, [run])
        assert run.rows_written == ROWS, run.error
        assert any("Rows are locked by somebody else" in one for one in said), said
        return (
            f"100 rows held for {seconds:.0f} s: the run said “{said[-1]}” and wrote"
            f" all {ROWS:,} rows"
        )

    def _round(self, stage: Stage) -> str:
        stage.empty()
        keys = stage.fill(ROWS)
        before = self.died.total()
        with SomebodyElse(self.url, keys, self.random.randrange(10**6)):
            run = self._through(planner.ask(Change, {"add": 5}, self.request))
            back = self._through(undo.plan(run, self.request))
        assert_as_reported(stage, [run, back])
        for one in (run, back):
            assert one.rows_left == 0, one
            self.ended[one.state] += 1
            self.rows["written"] += one.rows_written
            self.rows["skipped and named"] += one.rows_skipped
        died = self.died.total() - before
        return f"runs {run.pk} and {back.pk}: {died} workers killed, every row proven"

    def _through(self, run: Run) -> Run:
        """Planned, confirmed and worked off by workers that die."""
        self._harass(run)
        assert run.state == State.PLANNED, run.error
        self._confirm(run)
        return self._harass(run)

    def _confirm(self, run: Run) -> None:
        decisions.confirm(
            run, self.request.user, reason="campaign", plan_hash=run.plan_hash
        )
        run.refresh_from_db()

    def _until_rest(self, run: Run) -> None:
        """Wait until the run needs no worker any more."""
        patience = time.monotonic() + LONGEST
        while run.is_working:
            assert time.monotonic() < patience, f"nobody comes for {run}: {run.state}"
            time.sleep(0.2)
            run.refresh_from_db()

    def _harass(self, run: Run) -> Run:
        """Kill the run's worker until the run needs none any more."""
        patience = time.monotonic() + LONGEST
        while run.is_working:
            assert time.monotonic() < patience, f"nobody comes for {run}: {run.state}"
            if self.died.total() < self.kills and self._kill(run):
                patience = time.monotonic() + LONGEST
                lease_over(run)  # stands for the thirty seconds until it is
            time.sleep(0.02)
            run.refresh_from_db()
        return run

    def _kill(self, run: Run) -> bool:
        """Whether a worker held the run, and died of it."""
        if Run.objects.filter(pk=run.pk, lease_until=None).exists():
            return False
        time.sleep(self.random.uniform(0, WHILE))
        now = Run.objects.get(pk=run.pk)
        pid = _worker_of(self.url, run.pk)
        if now.lease_until is None or now.lease_until < timezone.now() or not pid:
            return False
        if now.attempts >= ATTEMPTS - 1:  # the next in a row would be no accident
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.died[now.state] += 1
            return True
        return False


def _said_while(run: Run, seconds: float) -> list[str]:
    """What the run's page said that it waits for, during that time."""
    said: list[str] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        run.refresh_from_db()
        if run.waiting_for:
            said.append(run.waiting_for)
        time.sleep(0.5)
    return said


def _worker_of(url: str, run: int) -> int:
    """The worker that took the run's last message."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT behaviour FROM demonstration_service"
            " WHERE target = %s AND deed = 'delivered' ORDER BY number DESC LIMIT 1",
            [run],
        ).fetchone()
    return int(found[0]) if found else 0


def _rows(connection, sql, params):
    cursor = connection.execute(sql, params or None)
    return cursor.fetchall() if cursor.description else []
