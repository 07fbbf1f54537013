"""Work out exactly what would change, and store it.

One REPEATABLE READ transaction on the platform answers everything, so counts, samples
and chunks belong together. Rows are streamed as text arrays, 500 to a chunk; they never
become Python objects.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, transaction
from django.db.models import JSONField, Sum, TextField, UUIDField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.audit import log
from opsconsole.operations import guards
from opsconsole.operations.catalog.base import Moment, Operation
from opsconsole.operations.changes import (
    changed_rows,
    column_types,
    label,
    selection_sql,
)
from opsconsole.operations.models import Chunk, Run, Step
from opsconsole.operations.states import State
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.summary import summarise
from opsconsole.platform.db import READ, snapshot

CHUNK_ROWS = 500  # rows; the engine writes several chunks at once while that is quick
NAMED_ROWS = 10_000  # rows; up to here the plan keeps names, to name deleted rows later
UNDECIDED = timedelta(minutes=30)  # an undecided plan lives this long


@dataclass(frozen=True)
class Request:
    """Who asks, from where, and why."""

    user: User
    origin: str  # "browser" or "terminal"
    reason: str = ""
    os_user: str = ""


def plan(operation: type[Operation], params: dict[str, Any], request: Request) -> Run:
    """Store the plan of an operation and return its run, planned.

    Parameters are the form's cleaned data made JSON-able. Raises ValueError when a step
    would write a column that the operation did not name, LookupError when the platform
    lacks one.
    """
    params = json.loads(json.dumps(params, cls=DjangoJSONEncoder))
    code = operation()
    with snapshot() as cursor, transaction.atomic():
        cursor.execute("SELECT now()")
        moment = Moment(now=cursor.fetchone()[0])
        run = _new_run(code, params, request, moment.now)
        steps = code.steps(params, moment)
        run.summary = {"steps": [_plan_step(run, n, s) for n, s in enumerate(steps)]}
        run.rows_planned = run.steps.aggregate(n=Sum("rows_planned"))["n"] or 0
        verdicts = [*guards.verdicts(run, steps), *code.invariants(run)]
        run.summary["verdicts"] = [verdict.as_json() for verdict in verdicts]
        run.save(update_fields=["summary", "rows_planned"])
        run.move(State.PLANNED, plan_hash=plan_hash(run))
        log.record(
            action="operations.run.planned",
            subject=f"{run.title}: {run.subject}",
            actor=request.user,
            reason=run.reason,
            run_id=run.pk,
            details={"rows": run.rows_planned, "plan": run.plan_hash, "params": params},
        )
    return run


def plan_hash(run: Run) -> str:
    """One fingerprint of all that a person confirms: operation, parameters, every row."""
    whole = {
        "operation": run.operation,
        "version": run.version,
        "params": run.params,
        "facts": run.facts,
        "planned_at": run.planned_at.isoformat(),
        "steps": [
            {
                "table": step.table,
                "columns": step.columns,
                "selection": step.selection_sql,
                "chunks": list(
                    step.chunks.order_by("number").values_list("digest", flat=True)
                ),
            }
            for step in run.steps.order_by("number")
        ],
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def digest(number: int, keys: str, before: str, after: str) -> str:
    """A chunk's fingerprint, over its contents as PostgreSQL prints them."""
    return hashlib.sha256(
        "\n".join([str(number), keys, before, after]).encode()
    ).hexdigest()


def _new_run(
    code: Operation, params: dict[str, Any], request: Request, planned_at: datetime
) -> Run:
    now = timezone.now()
    return Run.objects.create(
        operation=code.slug,
        version=code.version,
        title=code.title,
        subject=code.subject(params)[:300],
        risk=code.risk,
        cluster=code.cluster(),
        params=params,
        reason=request.reason,
        requested_by=request.user,
        origin=request.origin,
        os_user=request.os_user,
        created_at=now,
        planned_at=planned_at,
        expires_at=now + UNDECIDED,
    )


def _plan_step(run: Run, number: int, step: ChangeRows) -> dict[str, Any]:
    _refuse_other_columns(run, step)
    stored = Step.objects.create(
        run=run,
        number=number,
        kind=step.kind,
        title=step.title,
        table=step.model._meta.db_table,
        key=str(step.model._meta.pk.column),
        columns=column_types(step),
        selection_sql=selection_sql(step),
    )
    selected = step.rows.using(READ).count()
    changing = changed_rows(step).order_by().count()
    Chunk.objects.bulk_create(_chunks(stored, step, named=changing <= NAMED_ROWS), 50)
    stored.rows_planned = changing
    stored.rows_unchanged = selected - changing
    stored.save(update_fields=["rows_planned", "rows_unchanged"])
    return {**summarise(step), "rows": changing, "unchanged": stored.rows_unchanged}


def _refuse_other_columns(run: Run, step: ChangeRows) -> None:
    allowed = run.definition.written_columns().get(step.model._meta.db_table, ())
    if others := sorted(set(step.values) - set(allowed)):
        raise ValueError(f"{run.operation} may not write {others}")


def _chunks(stored: Step, step: ChangeRows, *, named: bool) -> Iterator[Chunk]:
    for number, keys, before, after, labels in _chunk_texts(step, named=named):
        yield Chunk(
            step=stored,
            number=number,
            keys=Cast(Value(keys), ArrayField(UUIDField())),
            before=Cast(Value(before), JSONField()),
            after=Cast(Value(after), JSONField()),
            labels=Cast(Value(labels), ArrayField(TextField())) if named else None,
            digest=digest(number, keys, before, after),
        )


def _chunk_texts(
    step: ChangeRows, *, named: bool
) -> Iterator[tuple[int, str, str, str, str]]:
    """Each chunk's number and contents, streamed from the plan's snapshot."""
    rows = changed_rows(step)
    if named:
        rows = rows.annotate(label=label(step))
    names = ["key", *(["label"] if named else [])]
    for number in range(len(step.fields)):
        names += [f"before_{number}", f"after_{number}"]
    changes, params = rows.values(*names).query.get_compiler(READ).as_sql()
    labels = "array_agg(coalesce(label, key::text) ORDER BY key)::text"
    statement = (
        f"SELECT chunk, array_agg(key ORDER BY key)::text,"
        f" {_columns_as_json(step, 'before')}, {_columns_as_json(step, 'after')},"
        f" {labels if named else 'NULL'}"
        f" FROM (SELECT *, (row_number() OVER (ORDER BY key) - 1) / {CHUNK_ROWS} AS chunk"
        f" FROM ({changes}) AS changes) AS numbered GROUP BY chunk ORDER BY chunk"
    )
    connection = connections[READ].connection
    with connection.cursor(name="plan") as cursor:  # inside the snapshot's transaction
        cursor.itersize = 20
        yield from cursor.execute(statement, params)


def _columns_as_json(step: ChangeRows, side: str) -> str:
    """SQL for {column: [values]}, or {column: value} where all rows get the same."""
    parts = []
    for number, field in enumerate(step.fields):
        value = f"{side}_{number}"
        once = side == "after" and step.is_constant(field.column)
        whole = (
            f"to_jsonb(min({value}))" if once else f"jsonb_agg({value} ORDER BY key)"
        )
        parts.append(f"'{field.column}', {whole}")
    return f"jsonb_build_object({', '.join(parts)})::text"
