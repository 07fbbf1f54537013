"""The engine against the runbook's bare UPDATEs: time, locks, a sync worker beside it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Max

from opsconsole.operations.catalog import Operation
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.planning import undo
from tests.benchmarks import clicks, holds, planned
from tests.benchmarks.measuring import timed
from tests.benchmarks.single_steps import CASES, TABLE, Case
from tests.benchmarks.sync_worker import beside

COLUMNS = ("sync_frequency_hours", "fetch_issues", "is_active")
KEEP = f"""
CREATE TABLE IF NOT EXISTS engine_before AS SELECT id, {", ".join(COLUMNS)} FROM {TABLE}
"""
PUT_BACK = f"""
UPDATE {TABLE} t SET {", ".join(f"{name} = b.{name}" for name in COLUMNS)}
FROM engine_before b WHERE b.id = t.id AND
    ({", ".join(f"t.{name}" for name in COLUMNS)})
    IS DISTINCT FROM ({", ".join(f"b.{name}" for name in COLUMNS)})
"""
# Packed pages, the rows of a workspace together: as after a load or a repacking. Never in
# the order of the keys, which no production table with random ones has: chunks walk the
# keys, and in that order no page would have room for a new version of a row (measured: 3×
# the time). An UPDATE from a merge join leaves just that order behind.
REPACK = f"CLUSTER {TABLE} USING unique_workspace_tracked_repo"
JOURNAL = """
SELECT sum(pg_column_size(keys) + pg_column_size(before) + pg_column_size(after))
    / sum(cardinality(keys))::float
FROM operations_chunk c JOIN operations_step s ON s.id = c.step_id WHERE s.run_id = %s
"""
SIZES = (10_000, 100_000)  # rows of a plan
IDLE, CLICKS = 5.0, 20  # seconds; clicks


@dataclass(frozen=True)
class Line:
    """A measured figure beside its budget, if it has one."""

    name: str
    value: float
    unit: str  # "×" for a ratio
    budget: float | None = None
    note: str = ""

    def __str__(self) -> str:
        budget = "" if self.budget is None else f"≤ {self.budget:g}"
        return f"  {self.name:<52} {self.value:8.2f} {self.unit:<4} {budget:<7} {self.note}".rstrip()


def measure(maintenance: str, rounds: int) -> Iterator[Line]:
    with psycopg.connect(maintenance, autocommit=True) as platform:
        platform.execute(KEEP)
        for case in CASES:
            yield from ratios(platform, case, rounds)
        yield from worker(platform, maintenance)
        yield from plans(platform)
    yield from starts()


def as_json(lines: list[Line]) -> list[dict[str, Any]]:
    return [asdict(line) for line in lines]


def ratios(platform: psycopg.Connection, case: Case, rounds: int) -> Iterator[Line]:
    """Both sides in turns, each on a table in the same state."""
    bare, planning, applying, undoing, held = [], [], [], [], []
    checking, checking_undo = [], []
    for _ in range(rounds):
        fresh(platform)
        bare.append(timed(lambda: platform.execute(case.bare)))
        fresh(platform)
        seconds, run = timed_plan(case.operation)
        planning.append(seconds)
        with holds.measured() as holding:
            applying.append(timed(lambda r=run: planned.apply(r)))
        assert run.state == "applied", (run.state, run.error)
        held += holding
        checking.append(verifying(run))
        platform.execute(f"VACUUM {TABLE}")
        undoing.append(timed(lambda r=run: taken_back(r)))
        checking_undo.append(verifying(run.undos.get()))
    whole = [plan + write for plan, write in zip(planning, applying, strict=True)]
    name, asked = case.operation.title, median(bare)
    written = median(whole) - median(checking)
    taken = median(undoing) - median(checking_undo)
    yield Line(
        f"{name}: plan, journal, apply ÷ bare",
        written / asked,
        "×",
        case.budget,
        f"{written:,.2f} s / {asked:,.2f} s, {run.rows_written:,} rows",
    )
    yield Line(f"{name}: the same and verification ÷ bare", median(whole) / asked, "×")
    yield Line(f"{name}: plan and journal ÷ bare", median(planning) / asked, "×")
    yield Line(f"{name}: undo ÷ apply", taken / written, "×", 1.2, f"{taken:,.2f} s")
    yield Line(
        f"{name}: the same with verifications",
        median(undoing) / median(whole),
        "×",
    )
    yield Line(
        f"{name}: longest lock",
        max(held) * 1000,
        "ms",
        250,
        f"median {median(held) * 1000:,.0f} ms; bare {asked * 1000:,.0f} ms",
    )
    yield Line(f"{name}: journal per row", journal(run), "B", 25)


def verifying(run: Run) -> float:
    """How long was looked again after the last row was written, in seconds."""
    chunks = Chunk.objects.filter(step__run=run)
    last = chunks.aggregate(last=Max("applied_at"))["last"]
    return float((run.finished_at - last).total_seconds())


def timed_plan(operation: type[Operation], **params: Any) -> tuple[float, Run]:
    runs: list[Run] = []
    seconds = timed(lambda: runs.append(planned.plan(operation, **params)))
    return seconds, runs[0]


def taken_back(run: Run) -> None:
    """Plan the undo and apply it."""
    back = planned.worked_off(undo.plan(run, planned.request()))
    planned.apply(back)
    assert back.state == "applied", (back.state, back.error)


def fresh(platform: psycopg.Connection) -> None:
    """The rows as they were, on packed pages, with nothing left to write out."""
    platform.execute(PUT_BACK)
    platform.execute(REPACK)
    platform.execute(f"VACUUM ANALYZE {TABLE}")
    platform.execute("CHECKPOINT")


def journal(run: Run) -> float:
    with connection.cursor() as cursor:
        cursor.execute(JOURNAL, [run.pk])
        return float(cursor.fetchone()[0])


def worker(platform: psycopg.Connection, maintenance: str) -> Iterator[Line]:
    """What a sync worker notices: idle, and beside the apply of everything."""
    fresh(platform)
    with beside(maintenance) as idle:
        platform.execute("SELECT pg_sleep(%s)", [IDLE])
    run = planned.plan(CASES[0].operation)
    with beside(maintenance) as busy:
        planned.apply(run)
    before, during = p99(idle), p99(busy)
    note = f"{during:.1f} ms / {before:.1f} ms; longest {max(busy):.0f} ms of {len(busy):,}"
    yield Line("Sync worker's p99 during apply ÷ idle", during / before, "×", 4, note)
    skipped = f"{run.rows_skipped:,} skipped, {run.rows_found:,} found"
    yield Line(
        "Rows written beside the sync worker", run.rows_written, "rows", None, skipped
    )


def p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


def plans(platform: psycopg.Connection) -> Iterator[Line]:
    """A plan of some size, by a share of the table's keys."""
    fresh(platform)
    for size, budget in zip(SIZES, (1, 3), strict=True):
        found = platform.execute(
            f"SELECT id FROM {TABLE} WHERE is_active AND sync_frequency_hours < 84"
            " ORDER BY id OFFSET %s LIMIT 1",
            [size],
        ).fetchone()
        if found is None:
            continue
        seconds, run = timed_plan(CASES[0].operation, below=str(found[0]))
        yield Line(f"Plan of {run.rows_planned:,} rows", seconds, "s", budget)


def starts() -> Iterator[Line]:
    """From a click to the start of its run."""
    found = sorted(clicks.latencies(CLICKS))
    p95 = quantiles(found, n=20)[18]
    yield Line(
        "Click → started, p95", p95, "s", 1, f"median {median(found):.2f} s of {CLICKS}"
    )
