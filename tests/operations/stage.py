"""The demonstration's tables under a test's hand, and the proof that a run tells the truth."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_q.models import OrmQ
from psycopg.types.json import Jsonb

from opsconsole.operations.models import Run
from opsconsole.operations.showing.outcomes import Outcome, Row, RowList
from opsconsole.operations.sweep import sweep
from tests.operations.demonstration import NO_TABLES, TABLES, WRITER

COLUMNS = ("value", "amount", "at", "facts", "tags")
State = dict[UUID, dict[str, str | None]]
Held = dict[str, str | None] | None  # None: deleted


class Stage:
    """Somebody else's hand on the tables of the demonstration."""

    def __init__(self, sql: Callable[..., list[tuple[Any, ...]]]) -> None:
        self.sql = sql

    def build(self) -> None:
        self.sql(NO_TABLES)
        self.sql(TABLES)
        self.sql("SET timezone = 'UTC'")

    def clear(self) -> None:
        self.sql(NO_TABLES)

    def fill(self, count: int, *, kind: str = "wanted", value: int = 10) -> list[UUID]:
        """Rows "row 1", "row 2", …; their keys in that order."""
        return [
            key
            for (key,) in self.sql(
                "INSERT INTO demonstration (name, kind, value, amount, at, facts, tags)"
                " SELECT format('row %%s', n), %s, %s + n %% 7, n / 8.0,"
                " '2026-01-02 03:04:05.678901+00'::timestamptz + n * '1 us'::interval,"
                " jsonb_build_object('n', n, 'text', 'a \"b\" \\ {c}'),"
                " ARRAY['a', 'b,c', '\"', NULL] FROM generate_series(1, %s) AS n"
                " RETURNING id",
                kind,
                value,
                count,
            )
        ]

    def empty(self) -> None:
        """As if nothing had ever been there."""
        self.sql("TRUNCATE demonstration, demonstration_archive, demonstration_writes")

    def insert(self, held: dict[str, Any]) -> UUID:
        """One wanted row with these values."""
        named = {"name": "row", **_adapted(held)}
        marks = ", ".join(["%s"] * len(named))
        return self.sql(
            f"INSERT INTO demonstration ({', '.join(named)}) VALUES ({marks}) RETURNING id",
            *named.values(),
        )[0][0]

    def change(self, key: UUID, held: dict[str, Any]) -> None:
        """Somebody else sets these values."""
        assignments = ", ".join(f"{name} = %s" for name in held)
        self.sql(
            f"UPDATE demonstration SET {assignments}, hand = 'other' WHERE id = %s",
            *_adapted(held).values(),
            key,
        )

    def rows(self, table: str = "demonstration") -> State:
        """Every row as texts."""
        texts = ", ".join(f"{name}::text" for name in (*COLUMNS, "hand", "name"))
        found = self.sql(f"SELECT id, {texts} FROM {table}")
        names = (*COLUMNS, "hand", "name")
        return {key: dict(zip(names, held, strict=True)) for key, *held in found}

    def value(self, key: UUID) -> int | None:
        return self.sql("SELECT value FROM demonstration WHERE id = %s", key)[0][0]

    def touch(self, *keys: UUID) -> None:
        """Somebody else changes these rows: their value is 1,000,000 and more from now on."""
        self.sql(
            "UPDATE demonstration SET value = 1000000 + coalesce(value, 0), hand = 'other'"
            " WHERE id = ANY(%s)",
            list(keys),
        )

    def delete(self, *keys: UUID) -> None:
        self.sql("DELETE FROM demonstration WHERE id = ANY(%s)", list(keys))

    def slow_down(self, seconds: float) -> None:
        """Every UPDATE takes that long."""
        self.sql(
            "CREATE FUNCTION demonstration_slow() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$"
        )
        self.sql(
            "CREATE TRIGGER slow BEFORE UPDATE ON demonstration"
            " EXECUTE FUNCTION demonstration_slow()"
        )

    def history(self) -> list[tuple[UUID, str, Held]]:
        """Every write, in order: key, role, and what the row then held, as texts."""
        return self.sql(
            "SELECT key, who, held FROM demonstration_writes ORDER BY number"
        )

    def our_writes(self) -> Counter[UUID]:
        """Key -> how often the console wrote it, in all."""
        found = self.sql(
            "SELECT key, count(*) FROM demonstration_writes WHERE who = %s GROUP BY key",
            WRITER,
        )
        return Counter(dict(found))

    def service(self, deed: str = "did") -> list[tuple[int, str]]:
        """What the service was asked, or did: (target, behaviour)."""
        return self.sql(
            "SELECT target, behaviour FROM demonstration_service WHERE deed = %s"
            " ORDER BY number",
            deed,
        )


def assert_as_reported(stage: Stage, runs: Iterable[Run]) -> None:
    """Every row is before, after, or somebody else's, as the runs report; nothing else is.

    The platform's own history of each row says so: whenever the console wrote a row, it
    held what the plan had seen, and then holds what the plan says, in the step's columns
    alone; it was written once for each run that reports it as written, and never else;
    and rows that were left alone were indeed touched by somebody.
    """
    reports, left = _reports(runs)
    history = stage.history()
    states: dict[UUID, list[Held]] = defaultdict(list)
    for key, who, held in history:
        if who == WRITER:
            assert reports[key], f"{key} was written, and no run says so"
            _assert_exact(reports[key].popleft(), states[key][-1], held)
        states[key].append(held)
    assert not any(reports.values()), "a run says it wrote what it did not write"
    for row in left:
        _assert_left_alone(row, states[row.key])


def _adapted(held: dict[str, Any]) -> dict[str, Any]:
    return {k: Jsonb(v) if isinstance(v, dict) else v for k, v in held.items()}


def _reports(runs: Iterable[Run]) -> tuple[dict[UUID, deque[Row]], list[Row]]:
    """By key the rows that were written, in the runs' order; and all that were not."""
    written: dict[UUID, deque[Row]] = defaultdict(deque)
    left: list[Row] = []
    for run in runs:
        for row in RowList(run)[:]:
            if row.outcome == Outcome.WRITTEN:
                written[row.key].append(row)
            elif row.outcome != Outcome.PLANNED:
                left.append(row)
    return written, left


def _assert_exact(row: Row, was: Held, became: Held) -> None:
    columns = {change.column for change in row.changes}
    for change in row.changes:
        assert was is not None
        assert became is not None
        assert was[change.column] == change.before
        assert became[change.column] == change.after
    assert {k: v for k, v in was.items() if k not in columns} == {
        k: v for k, v in became.items() if k not in columns
    }


def _assert_left_alone(row: Row, states: list[Held]) -> None:
    assert len(states) > 1, f"nobody touched {row.label}: {row.why}"
    if row.why == "deleted":
        assert states[-1] is None or None in states
        return
    named = {change.column: change.holds for change in row.changes}
    assert any(named.items() <= state.items() for state in states if state is not None)
    after = {change.column: change.after for change in row.changes}
    assert (row.why == "found") == (named == after)


def left_alone(run: Run) -> dict[str, tuple[str, Held]]:
    """The skipped rows of a run: name -> (why, what each column held)."""
    return {
        row.label: (row.why, {change.column: change.holds for change in row.changes})
        for row in RowList(run, Outcome.SKIPPED)[:]
    }


def lease_over(run: Run) -> None:
    """As if the lease's thirty seconds had passed, and those of the sweep's patience."""
    Run.objects.filter(pk=run.pk, lease_until__isnull=False).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    Run.objects.filter(pk=run.pk).update(nudged_at=None)
    Run.objects.filter(pk=run.pk, wait_until__isnull=False).update(
        wait_until=timezone.now() - timedelta(seconds=1)
    )


def bring_to_its_end(run: Run, work: Callable[[int], object], most: int = 60) -> Run:
    """What the supervisor does: sweep, and let a worker take each message."""
    for _ in range(most):
        run.refresh_from_db()
        if not run.is_working:
            return run
        lease_over(run)
        OrmQ.objects.all().delete()
        sweep()
        assert OrmQ.objects.exists(), f"nobody moves on a run that is {run.state}"
        work(run.pk)
    raise AssertionError(f"still {run.state} after {most} workers: {run.error}")
