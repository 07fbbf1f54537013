"""Apply stored plans: the only writer to the platform's database.

One batch of chunks is one platform transaction whose outcome is never in doubt:

1. lock the rows, write those that still hold what the plan saw and still belong to the
   selection, see what the others hold;
2. store that exact result and the transaction's id on the chunks, proving the lease;
3. the platform commits;
4. mark the chunks applied, with counters.

A crash between 2 and 4 is settled by asking the platform what became of the id. A worker
that wakes after its lease cannot get past 2; one that sleeps between 2 and 3 loses its
transaction to idle_in_transaction_session_timeout, which is shorter than the lease.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, OperationalError, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, QuerySet
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

from opsconsole.history import collecting
from opsconsole.operations import planner, statements, trail, verification
from opsconsole.operations.chunking import digest
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.pace import Pace
from opsconsole.operations.states import State
from opsconsole.operations.verdicts import Level
from opsconsole.platform.db import rows
from opsconsole.platform.db.writing import writing

TRIES = 3  # in a row, each with fewer chunks and after a longer pause
BUSY = (LockNotAvailable, QueryCanceled, DeadlockDetected)  # worth another try at once
BATCH_SECONDS = 5  # after which a batch takes no further chunk; the lease outlasts it
SETTLE_SECONDS = 15  # how long to wait for a dead worker's transaction to end


class LeaseLost(Exception):
    """Another worker may have the run; this one must stop without a trace."""


class PlanChanged(Exception):
    """What is stored is not what was confirmed."""


@dataclass(frozen=True)
class Result:
    """What one chunk's transaction did, known before it commits."""

    xid: str
    exceptions: dict[str, dict[str, Any]]
    lock_ms: int

    @property
    def found(self) -> int:
        """Rows that held their after-value already."""
        return sum(item["why"] == "found" for item in self.exceptions.values())


def advance(run: Run, pace: Pace) -> bool:
    """Do the next piece of work of a claimed run; whether there is more.

    Raises LeaseLost when another worker may have taken over, PlanChanged when the plan
    was tampered with, DatabaseError when the platform keeps refusing.
    """
    if run.state == State.QUEUED:
        return _start(run)
    if run.state == State.VERIFYING:
        return _finish(run)
    _settle(run)
    chunks = _next_chunks(run, pace.chunks)
    if not chunks:
        run.move(State.VERIFYING)
        return True
    if _cancel_requested(run):
        return _cancel(run)
    _apply(run, chunks, pace)
    return True


def fail(run: Run, sentence: str) -> None:
    """Stop the run with an error that its page shows, after settling what is in doubt.

    Raises LeaseLost or DatabaseError when that is not possible yet; then the next worker
    settles it.
    """
    _settle(run)
    with transaction.atomic():
        run.move(State.FAILED, error=sentence)
        _ended(run, "failed", error=sentence)


def _start(run: Run) -> bool:
    """Check the plan once more, then begin; an expired plan ends here."""
    if run.expires_at < timezone.now():
        with transaction.atomic():
            run.move(State.EXPIRED)
            _record(run, "expired")
        return False
    _check_plan(run)
    with transaction.atomic():
        run.move(State.APPLYING, started_at=timezone.now())
        _record(run, "started")
    return True


def _check_plan(run: Run) -> None:
    if planner.plan_hash(run) != run.plan_hash:
        raise PlanChanged("The stored plan is not the one that was confirmed.")


def _finish(run: Run) -> bool:
    _check_plan(run)
    verdicts = verification.verify(run)
    well = all(verdict.level == Level.OK for verdict in verdicts)
    state = State.APPLIED if well else State.APPLIED_WITH_PROBLEMS
    with transaction.atomic():
        run.move(state, error="", verification=[v.as_json() for v in verdicts])
        _ended(run, "applied", verification=[v.sentence for v in verdicts])
    return False


def _cancel_requested(run: Run) -> bool:
    requested = Run.objects.filter(pk=run.pk, cancel_requested_by__isnull=False)
    return requested.exists()


def _cancel(run: Run) -> bool:
    with transaction.atomic():
        run.refresh_from_db(fields=["cancel_requested_by"])
        run.move(State.CANCELLED, error="")
        _ended(run, "cancelled", actor=run.cancel_requested_by)
    return False


def _next_chunks(run: Run, most: int) -> list[Chunk]:
    """The next chunks of one step, in order; one batch never spans two steps."""
    open_chunks = Chunk.objects.filter(step__run=run, state=Chunk.State.PLANNED)
    first = open_chunks.only("step").order_by("step__number", "number").first()
    if first is None:
        return []
    same_step = open_chunks.filter(step=first.step_id).as_text()
    return list(same_step.order_by("number")[:most])


def _apply(run: Run, chunks: list[Chunk], pace: Pace) -> None:
    """Write a batch; after a timeout or deadlock the next round tries fewer chunks.

    Only those are tried again here. A lost connection goes up: it leaves the commit in
    doubt until the platform was asked, and the run waits for the platform to come back.
    """
    try:
        _write_batch(run, chunks, pace)
    except OperationalError as error:
        pace.failed()
        if pace.failures == TRIES or not isinstance(error.__cause__, BUSY):
            raise
        time.sleep(0.2 * pace.failures)


def _write_batch(run: Run, chunks: list[Chunk], pace: Pace) -> None:
    started = time.monotonic()
    results: list[Result] = []
    with writing() as cursor:
        for chunk in chunks:
            results.append(_write(cursor, chunk))
            if time.monotonic() - started > BATCH_SECONDS:
                break
        chunks = chunks[: len(results)]
        _store(run, chunks, results)
    pace.took(time.monotonic() - started)
    _mark(run, chunks)


def _write(cursor: CursorWrapper, chunk: Chunk) -> Result:
    """Change one chunk's rows inside the open transaction."""
    if digest(chunk.number, **chunk.texts) != chunk.digest:
        raise PlanChanged(f"Chunk {chunk.number} is not the one that was planned.")
    started, exceptions = time.monotonic(), {}
    cursor.execute(statements.lock(chunk.step), chunk.texts)
    cursor.execute(statements.write(chunk.step, chunk.after), chunk.texts)
    written, keys, xid = cursor.fetchone()
    if written < chunk.row_count:
        others = statements.exceptions(chunk.step, chunk.after)
        cursor.execute(others, {**chunk.texts, "written": keys})
        for row in rows(cursor):
            holds = json.loads(row["holds"])  # Django leaves jsonb as text
            exceptions[str(row["position"])] = {"why": _why(row), "holds": holds}
    return Result(xid, exceptions, round((time.monotonic() - started) * 1000))


def _why(row: dict[str, Any]) -> str:
    """Why a row was not written; `found` is not a problem, the others are skipped."""
    if row["gone"]:
        return "deleted"
    if row["holds_after"]:
        return "found"
    return "left the selection" if row["holds_before"] else "changed"


def _store(run: Run, chunks: Sequence[Chunk], results: Sequence[Result]) -> None:
    """Step 2: keep the result while the platform has not committed yet."""
    for chunk, result in zip(chunks, results, strict=True):
        chunk.state = Chunk.State.STORED
        chunk.xid, chunk.exceptions = result.xid, result.exceptions
        chunk.rows_found = result.found
        chunk.rows_skipped = len(result.exceptions) - chunk.rows_found
        chunk.rows_written = chunk.row_count - len(result.exceptions)
        chunk.lock_ms = result.lock_ms
    with transaction.atomic():
        if not run.renew_lease():
            raise LeaseLost
        Chunk.objects.bulk_update(
            chunks,
            [
                "state",
                "xid",
                "exceptions",
                "rows_found",
                "rows_skipped",
                "rows_written",
                "lock_ms",
            ],
        )


def _mark(run: Run, chunks: Sequence[Chunk]) -> None:
    """Step 4: the platform has committed; count what was done, once."""
    counters = {
        name: F(name) + sum(getattr(chunk, name) for chunk in chunks)
        for name in ("rows_written", "rows_found", "rows_skipped")
    }
    with transaction.atomic():
        if not run.renew_lease():
            raise LeaseLost
        applied = Chunk.State.APPLIED
        marked = _stored(chunks).update(state=applied, applied_at=timezone.now())
        if marked != len(chunks):
            raise LeaseLost
        Run.objects.filter(pk=run.pk).update(attempts=0, error="", **counters)


def _settle(run: Run) -> None:
    """Find out what became of a dead worker's last transaction."""
    stored = Chunk.objects.filter(step__run=run, state=Chunk.State.STORED)
    chunks = list(stored.as_text().order_by("step__number", "number"))
    if not chunks:
        return
    if _committed(run, chunks):
        _mark(run, chunks)
    else:
        _forget(run, chunks)


def _forget(run: Run, chunks: Sequence[Chunk]) -> None:
    """The platform did not commit: the chunks are to be written again."""
    with transaction.atomic():
        if not run.renew_lease():
            raise LeaseLost
        _stored(chunks).update(state=Chunk.State.PLANNED, xid="", exceptions={})


def _stored(chunks: Sequence[Chunk]) -> QuerySet[Chunk]:
    """These chunks as far as they still wait for the outcome of this very transaction."""
    return Chunk.objects.filter(
        pk__in=[chunk.pk for chunk in chunks],
        state=Chunk.State.STORED,
        xid=chunks[0].xid,
    )


def _committed(run: Run, chunks: list[Chunk]) -> bool:
    """Whether the platform committed the chunks' transaction. All share one id."""
    end = time.monotonic() + SETTLE_SECONDS
    while (status := _xact_status(chunks[0].xid)) == "in progress":
        if time.monotonic() > end:
            raise OperationalError(
                "The platform still holds a dead worker's transaction."
            )
        if not run.renew_lease():
            raise LeaseLost
        time.sleep(0.2)
    return _all_hold_after(chunks) if status is None else status == "committed"


def _xact_status(xid: str) -> str | None:
    """committed, aborted or in progress; None when the platform no longer knows.

    It forgets after about 10^8 transactions, and a restored platform may never have
    heard of the id.
    """
    try:
        with writing() as cursor:
            cursor.execute("SELECT pg_xact_status(%s::xid8)", [xid])
            return cursor.fetchone()[0]  # type: ignore[no-any-return]
    except DatabaseError as error:
        if "future" in str(error):
            return None
        raise


def _all_hold_after(chunks: list[Chunk]) -> bool:
    """Whether every row that the stored result calls written holds its after-value."""
    return all(
        verification.rows_holding_after(chunk) == chunk.rows_written for chunk in chunks
    )


def _ended(run: Run, deed: str, **details: Any) -> None:
    """What the pages count is another number now; the audit's entry comes last."""
    if Run.objects.filter(pk=run.pk, rows_written__gt=0).exists():
        collecting.soon()
    _record(run, deed, **details)


def _record(run: Run, deed: str, **details: Any) -> None:
    counts = Run.objects.values(
        "rows_planned", "rows_written", "rows_found", "rows_skipped"
    )
    trail.record(run, deed, **counts.get(pk=run.pk), **details)
