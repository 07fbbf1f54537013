"""Look again after a run: do the rows hold what the operation promised?

Chunk by chunk, so that another worker can go on where one stopped; what was found is
stored with each chunk.
"""

import time

from django.db.models import Q, Sum

from opsconsole.operations.lease import proving
from opsconsole.operations.models import Chunk, Run
from opsconsole.operations.models.plan import ChunkQuerySet
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import KINDS
from opsconsole.operations.verdicts import Level, Verdict, changed_since, counted
from opsconsole.platform.db import READ, fetch
from opsconsole.platform.models import MODELS

AT_ONCE = 20  # chunks read together
SECONDS = 2.0  # after which the lease is renewed and a person's wish is heard


def look(run: Run) -> bool:
    """Look at the next chunks on the platform; whether there were any.

    Raises LeaseLost.
    """
    began = time.monotonic()
    open_chunks = _applied(run).filter(rows_holding=None)
    next_ones = open_chunks.order_by("step__number", "number")[:AT_ONCE]
    chunks = Chunk.objects.texts_of(next_ones)
    all_hold = _all_hold(run, chunks)
    found: dict[int, int] = {}
    for chunk in chunks:
        found[chunk.pk] = chunk.rows_written if all_hold else _holding(run, chunk)
        if time.monotonic() - began > SECONDS:
            break
    _keep(run, found)
    return bool(chunks)


def _keep(run: Run, found: dict[int, int]) -> None:
    """Store chunk -> rows of which the after-condition holds. Raises LeaseLost."""
    with proving(run):
        for holding in set(found.values()):
            alike = [chunk for chunk, number in found.items() if number == holding]
            Chunk.objects.filter(pk__in=alike).update(rows_holding=holding)


def verdicts(run: Run) -> list[Verdict]:
    """What is to be said of a run whose chunks are all applied and looked at."""
    own = _proofs(run)
    left = _left_as_expected(run)
    expected = [
        Verdict(title, Level.NOTE, f"{counted(rows)} left alone: {why}.")
        for title, why, rows in left
    ]
    whole = _all_written(run, sum(rows for _, _, rows in left))
    return [whole, *expected, *_given_up(run), *_after_condition(run), *own]


def _applied(run: Run) -> ChunkQuerySet:
    chunks: ChunkQuerySet = Chunk.objects.filter(
        step__run=run, state=Chunk.State.APPLIED
    )
    return chunks


def _all_hold(run: Run, chunks: list[Chunk]) -> bool:
    """Whether one question answers for all: the after-condition holds of every row."""
    conditions = {chunk.step_id: _condition(run, chunk) for chunk in chunks}
    if len(conditions) != 1 or None in conditions.values():
        return False
    [condition] = conditions.values()
    return _count(chunks, condition) == sum(chunk.rows_written for chunk in chunks)


def _condition(run: Run, chunk: Chunk) -> Q | None:
    """The operation's own after-condition; None: exactly as it was written."""
    if run.undo_of_id is None and chunk.step.table in MODELS:
        return run.definition().holds_after(run.params, chunk.step)
    return None


def _count(chunks: list[Chunk], condition: Q | None) -> int:
    """Rows that we wrote and of which the condition holds, of chunks of one step."""
    keys = ",".join(chunk.written_text.strip("{}") for chunk in chunks)
    table = MODELS[chunks[0].step.table]
    any_of = f'"{table._meta.db_table}"."{table._meta.pk.column}" = ANY(%s::uuid[])'
    rows = table._default_manager.using(READ).filter(condition)
    return int(rows.extra(where=[any_of], params=["{" + keys + "}"]).count())  # noqa: S610  our own model's names


def _holding(run: Run, chunk: Chunk) -> int:
    """Rows of the chunk that we wrote and of which the after-condition holds."""
    if not chunk.rows_written:
        return 0
    condition = _condition(run, chunk)
    if condition is not None:
        return _count([chunk], condition)
    return KINDS[chunk.step.kind].holding(chunk)


def _all_written(run: Run, expected: int) -> Verdict:
    abandoned = _abandoned(run)
    if left := run.rows_left - abandoned:
        sentence = f"{counted(left)} of {run.rows_planned:,} not accounted for."
        return Verdict("Every planned row", Level.BLOCKING, sentence)
    failed = _failed_calls(run)
    if skipped := run.rows_skipped - expected - failed:
        sentence = (
            f"{skipped:,} of {counted(run.rows_planned)} skipped:"
            f" {changed_since(run)}, and listed by name."
        )
        return Verdict("Every planned row", Level.WARNING, sentence)
    if failed:
        sentence = f"{counted(failed, 'call')} did not succeed; every row was written."
        return Verdict("Every planned row", Level.WARNING, sentence)
    found = f" {run.rows_found:,} held the value already." if run.rows_found else ""
    sentence = f"{counted(run.rows_written)} written, none skipped.{found}"
    return Verdict("Every planned row", Level.OK, sentence)


def _proofs(run: Run) -> list[Verdict]:
    """What must hold of the whole platform; of an undo nothing more is asked."""
    if run.undo_of_id is not None:
        return []
    now = fetch("SELECT now()")[0]["now"]
    return run.definition().proofs(run, Moment(now, run.facts))


def _abandoned(run: Run) -> int:
    """Rows of optional steps that failed."""
    left = Chunk.objects.filter(step__run=run, state=Chunk.State.PLANNED)
    keys = left.exclude(step__error="").as_text()
    return int(keys.aggregate(n=Sum("cardinality"))["n"] or 0)


def _failed_calls(run: Run) -> int:
    """Calls and statements that were made and did not succeed."""
    failed = Chunk.objects.filter(step__run=run, rows_skipped__gt=0)
    return failed.filter(step__kind__in=("call", "statement")).count()


def _left_as_expected(run: Run) -> list[tuple[str, str, int]]:
    """Title, reason and rows of steps that leave alone what somebody changes first."""
    steps = run.steps.filter(spec__has_key="expected").exclude(spec__expected="")
    counts = steps.annotate(left=Sum("chunks__rows_skipped")).filter(left__gt=0)
    found = counts.order_by("number").values_list("title", "spec", "left")
    return [(title, spec["expected"], left) for title, spec, left in found]


def _given_up(run: Run) -> list[Verdict]:
    failed = run.steps.exclude(error="").order_by("number")
    return [
        Verdict(step.title, Level.WARNING, f"Failed, and the run went on: {step.error}")
        for step in failed
    ]


def _after_condition(run: Run) -> list[Verdict]:
    """The operation's own after-condition, asked of every row that we wrote."""
    found = _applied(run).aggregate(
        written=Sum("rows_written"), holding=Sum("rows_holding")
    )
    written, holding = found["written"] or 0, found["holding"] or 0
    name = "After-condition"
    if not written:
        return [
            Verdict(name, Level.NOTE, "Nothing was written, so nothing was checked.")
        ]
    if written == holding:
        sentence = f"Holds for {counted(written)} of {written:,} written."
        return [Verdict(name, Level.OK, sentence)]
    sentence = f"Does not hold for {written - holding:,} of {counted(written)} written."
    return [Verdict(name, Level.BLOCKING, sentence)]
