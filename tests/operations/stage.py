"""The demonstration's tables under a test's hand, and the proof that a run tells the truth."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_q.models import OrmQ

from opsconsole.operations.models import Run
from opsconsole.operations.outcomes import Outcome, RowList
from opsconsole.operations.sweep import sweep
from tests.operations.demonstration import NO_TABLES, TABLES, WRITER

COLUMNS = ("value", "amount", "at", "facts", "tags")
State = dict[UUID, dict[str, str | None]]


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


def assert_as_reported(stage: Stage, before: State, runs: Iterable[Run]) -> None:
    """The platform is what the runs' reports say, row by row, and never anything else.

    `before`: every row before the first run. A row that nobody else touched must hold
    exactly what replaying the reports gives; one that somebody touched holds that
    person's value. The console wrote each row as often as the reports say.
    """
    expected, reported = dict(before), Counter[UUID]()
    skipped: set[UUID] = set()
    for run in runs:
        for row in RowList(run)[:]:
            if row.outcome == Outcome.WRITTEN:
                reported[row.key] += 1
                held = expected[row.key]
                for change in row.changes:
                    expected[row.key] = held = {**held, change.column: change.after}
            elif row.outcome == Outcome.SKIPPED:
                assert row.why in ("changed", "deleted", "left the selection"), row.why
                skipped.add(row.key)
    now = stage.rows()
    assert stage.our_writes() == reported
    for key, held in expected.items():
        if key not in now:
            assert _deleted_by_another(stage, key)
        elif now[key]["hand"] != held["hand"]:
            assert int(now[key]["value"]) >= 1_000_000
        else:
            assert now[key] == held
            assert key not in skipped


def _deleted_by_another(stage: Stage, key: UUID) -> bool:
    return bool(
        stage.sql(
            "SELECT key FROM demonstration_writes WHERE key = %s AND deed = 'DELETE' AND who <> %s",
            key,
            WRITER,
        )
    )


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
