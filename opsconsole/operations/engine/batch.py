"""Write a batch of chunks in one platform transaction whose outcome is never in doubt.

1. lock the rows, write those that still hold what the plan saw and still belong to the
   selection, see what the others hold;
2. store that exact result and the transaction's id on the chunks, proving the lease;
3. the platform commits;
4. mark the chunks applied, with counters.

A crash between 2 and 4 is settled by asking the platform what became of the id. A worker
that wakes after its lease cannot get past 2; one that sleeps between 2 and 3 loses its
transaction to idle_in_transaction_session_timeout, which is shorter than the lease.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.functions import Now

from opsconsole.operations.engine.errors import PlanChanged
from opsconsole.operations.engine.pace import Pace
from opsconsole.operations.engine.progress import progress
from opsconsole.operations.lease import LeaseLost, proving
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.steps import KINDS, Result
from opsconsole.operations.steps.chunking import is_as_planned
from opsconsole.platform.db.writing import server, writing

BATCH_SECONDS = 5  # after which a batch takes no further chunk; the lease outlasts it
STORED = [
    "state",
    "xid",
    "server",
    "exceptions",
    "answer",
    "rows_found",
    "rows_skipped",
    "rows_written",
    "lock_ms",
]


def write(run: Run, chunks: list[Chunk], pace: Pace) -> int:
    """Do all four steps for as many of the chunks as fit into a short transaction.

    Answers with how many chunks that were.

    Raises LeaseLost, PlanChanged, and OperationalError where the platform refuses.
    """
    started = time.monotonic()
    results: list[Result] = []
    with writing() as cursor:
        for chunk in chunks:
            results.append(_carry_out(cursor, chunk))
            if time.monotonic() - started > BATCH_SECONDS:
                break
        chunks = chunks[: len(results)]
        results = [replace(one, lock_ms=_ms(started)) for one in results]
        _store(run, chunks, results, server(cursor))
    took = time.monotonic() - started
    pace.took(took)
    mark(run, chunks, timedelta(seconds=took))
    return len(chunks)


def mark(run: Run, chunks: Sequence[Chunk], took: timedelta = timedelta()) -> None:
    """Step 4: the platform has committed; count what was done, once."""
    counts = {
        name: sum(getattr(chunk, name) for chunk in chunks)
        for name in ("rows_written", "rows_found", "rows_skipped")
    }
    with proving(run):
        # Lost with a crash of our database, it is found out again by settling.
        connection.cursor().execute("SET LOCAL synchronous_commit TO off")
        applied = Chunk.State.APPLIED
        marked = stored(chunks).update(state=applied, applied_at=Now())
        if marked != len(chunks):
            raise LeaseLost
        progress(run, took, **counts)


def forget(run: Run, chunks: Sequence[Chunk]) -> None:
    """The platform did not commit: the chunks are to be written again."""
    with proving(run):
        stored(chunks).update(
            state=Chunk.State.PLANNED, xid="", server="", exceptions={}, answer=None
        )


def stored(chunks: Sequence[Chunk]) -> QuerySet[Chunk]:
    """These chunks as far as they still wait for the outcome of this very transaction."""
    return Chunk.objects.filter(
        pk__in=[chunk.pk for chunk in chunks],
        state=Chunk.State.STORED,
        xid=chunks[0].xid,
    )


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _carry_out(cursor: CursorWrapper, chunk: Chunk) -> Result:
    if not is_as_planned(chunk):
        raise PlanChanged(f"Chunk {chunk.number} is not the one that was planned.")
    return KINDS[chunk.step.kind].apply(cursor, chunk)


def _store(
    run: Run, chunks: Sequence[Chunk], results: Sequence[Result], where: str
) -> None:
    """Step 2: keep the result while the platform has not committed yet."""
    for chunk, result in zip(chunks, results, strict=True):
        chunk.state = Chunk.State.STORED
        chunk.xid, chunk.server = result.xid, where
        chunk.exceptions, chunk.answer = result.exceptions, result.answer
        chunk.rows_found = result.found
        chunk.rows_skipped = len(result.exceptions) - chunk.rows_found
        chunk.rows_written = chunk.row_count - len(result.exceptions)
        chunk.lock_ms = result.lock_ms
    with proving(run):
        for alike in _alike(chunks):
            same = {name: getattr(alike[0], name) for name in STORED}
            ids = [chunk.pk for chunk in alike]
            planned = Chunk.objects.filter(pk__in=ids, state=Chunk.State.PLANNED)
            if planned.update(**same) != len(alike):
                raise LeaseLost


def _alike(chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
    """Grouped by their result: of a batch that met no exception, one or two groups."""
    groups: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        result = repr([getattr(chunk, name) for name in STORED])
        groups.setdefault(result, []).append(chunk)
    yield from groups.values()
