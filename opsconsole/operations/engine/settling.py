"""Find out what became of a dead worker's last transactions."""

import time
from itertools import groupby
from operator import attrgetter

from django.db import DatabaseError, OperationalError

from opsconsole.operations.engine import batch
from opsconsole.operations.lease import LeaseLost
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.steps import KINDS
from opsconsole.platform.db.writing import server, writing

SETTLE_SECONDS = 15  # how long to wait for a dead worker's transaction to end


def settle(run: Run) -> None:
    """Mark or forget what is stored but not known to be committed. Raises LeaseLost."""
    waiting = Chunk.objects.filter(step__run=run, state=Chunk.State.STORED)
    in_doubt = waiting.as_text().order_by("server", "xid", "step__number", "number")
    for _, batch_of in groupby(in_doubt, key=attrgetter("server", "xid")):
        chunks = list(batch_of)
        if _committed(run, chunks):
            batch.mark(run, chunks)
        else:
            batch.forget(run, chunks)


def _committed(run: Run, chunks: list[Chunk]) -> bool:
    """Whether the platform committed the transaction that the chunks share."""
    end = time.monotonic() + SETTLE_SECONDS
    while (status := xact_status(chunks[0].xid, chunks[0].server)) == "in progress":
        if time.monotonic() > end:
            raise OperationalError(
                "The platform still holds a dead worker's transaction."
            )
        if not run.renew_lease():
            raise LeaseLost
        time.sleep(0.2)
    return _all_as_written(chunks) if status is None else status == "committed"


def xact_status(xid: str, where: str) -> str | None:
    """committed, aborted or in progress; None when this platform does not know.

    It forgets after about 10^8 transactions; a restored or another server may never have
    heard of the id, or have given it to somebody else.
    """
    try:
        with writing() as cursor:
            if where and server(cursor) != where:
                return None
            cursor.execute("SELECT pg_xact_status(%s::xid8)", [xid])
            return cursor.fetchone()[0]  # type: ignore[no-any-return]
    except DatabaseError as error:
        if "future" in str(error):
            return None
        raise


def _all_as_written(chunks: list[Chunk]) -> bool:
    """Whether every row that the stored result calls written is as we left it."""
    return all(
        KINDS[chunk.step.kind].holding(chunk) == chunk.rows_written for chunk in chunks
    )
