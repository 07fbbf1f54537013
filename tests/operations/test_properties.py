"""Random rows, operations, hands of others and deaths: the platform is what the runs say."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import LockNotAvailable

from opsconsole.operations import decisions
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.engine import batch, ending, verification
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner, undo
from opsconsole.operations.steps import chunking
from opsconsole.operations.tasks import work
from tests.operations.demonstration import Random
from tests.operations.stage import COLUMNS, assert_as_reported, bring_to_its_end

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
VALUES = {
    "value": st.integers(-5, 5),
    "amount": st.decimals("0", "9", places=3),
    "at": st.datetimes(
        datetime(1970, 1, 1),  # noqa: DTZ001
        datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    "facts": st.dictionaries(texts, st.none() | st.integers() | texts, max_size=2),
    "tags": st.lists(texts, max_size=3),
}
# Few distinct values of one column, so that rows hold the new value already or get it
# from somebody else.
FEW = VALUES | {"value": st.integers(0, 2)}
row = st.fixed_dictionaries({name: st.none() | kind for name, kind in FEW.items()})
new = st.sets(st.sampled_from(COLUMNS), min_size=1).flatmap(
    lambda names: st.fixed_dictionaries(
        {name: st.none() | FEW[name] for name in sorted(names)}
    )
)


@dataclass(frozen=True)
class Event:
    """Something that happens just before the nth of the engine's moments."""

    moment: int
    deed: str
    row: int = 0
    values: tuple = ()


hand = st.builds(
    Event,
    moment=st.integers(0, 30),
    deed=st.sampled_from(["change", "delete", "unselect", "insert"]),
    row=st.integers(0, 11),
    values=row.map(lambda held: tuple(held.items())),
)
death = st.builds(Event, moment=st.integers(1, 30), deed=st.just("die"))


class Died(BaseException):
    """The process is gone: nothing of it is caught, and nothing cleaned up but by PostgreSQL."""


class World:
    """Counts the engine's moments, and lets happen what is to happen at each."""

    def __init__(self, stage, keys, events):
        self.stage, self.keys, self.events, self.moment = stage, keys, events, 0

    def go_on(self):
        now = [event for event in self.events if event.moment == self.moment]
        self.moment += 1
        for event in sorted(now, key=lambda event: event.deed == "die"):
            with suppress(LockNotAvailable):  # the console is at that row just now
                self.happen(event)

    def happen(self, event):
        if event.deed == "die":
            raise Died
        key = self.keys[event.row % len(self.keys)]
        if event.deed == "delete":
            self.stage.delete(key)
        elif event.deed == "unselect":
            self.stage.sql("UPDATE demonstration SET kind = 'left' WHERE id = %s", key)
        elif event.deed == "insert":
            self.stage.insert(dict(event.values))
        else:
            self.stage.change(key, dict(event.values))


MOMENTS = [
    (batch, "writing", "before"),
    (batch, "_store", "before"),
    (batch, "_store", "after"),
    (batch, "mark", "before"),
    (batch, "mark", "after"),
    (verification, "_keep", "before"),
    (ending, "_undone", "before"),
]


@pytest.fixture
def moments(monkeypatch):
    """At each of these the current world goes on."""
    worlds = []

    def watch(module, name, when):
        function = getattr(module, name)

        def watched(*args, **kwargs):
            if worlds and when == "before":
                worlds[-1].go_on()
            result = function(*args, **kwargs)
            if worlds and when == "after":
                worlds[-1].go_on()
            return result

        monkeypatch.setattr(module, name, watched)

    for moment in MOMENTS:
        watch(*moment)
    return worlds


def work_and_die(run):
    with suppress(Died):
        work(run)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(row, min_size=1, max_size=12),
    values=new,
    hands=st.lists(hand, max_size=5),
    deaths=st.lists(death, max_size=3),
)
def test_the_platform_is_what_the_runs_say(
    stage, operator, monkeypatch, moments, rows, values, hands, deaths
):
    """Chunks of three rows, applied, undone and redone."""
    moments.clear()
    stage.empty()
    stage.sql("SET lock_timeout = '30ms'")
    monkeypatch.setattr(chunking, "CHUNK_ROWS", 3)
    monkeypatch.setattr(Random, "values", values)
    keys = [stage.insert(held) for held in rows]
    moments.append(World(stage, keys, [*hands, *deaths]))
    runs = []
    request = planner.Request(operator, "browser")
    plan = lambda: planner.plan(OPERATIONS["demo-random"], {}, request)  # noqa: E731
    while len(runs) < 3:
        run = plan()
        if decisions.blocking(run):  # no row would change
            break
        with suppress(Died):  # nobody is at work yet
            moments[-1].go_on()
        decisions.confirm(run, operator, reason="because", plan_hash=run.plan_hash)
        bring_to_its_end(run, work_and_die)
        assert not run.error
        runs.append(run)
        if undo.obstacle(run):
            break
        plan = lambda: undo.plan(runs[-1], request)  # noqa: E731

    assert_as_reported(stage, runs)
    for run in Run.objects.filter(pk__in=[run.pk for run in runs]):
        assert run.rows_left == 0
