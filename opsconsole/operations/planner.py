"""Work out exactly what would change, and store it.

One REPEATABLE READ transaction on the platform answers everything, so counts, samples
and chunks belong together.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations import guards, trail
from opsconsole.operations.catalog.base import Operation
from opsconsole.operations.changes import changed_rows, column_types, selection_sql
from opsconsole.operations.chunking import store_chunks
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.summary import summarise
from opsconsole.platform.db import READ, snapshot

NAMED_ROWS = 10_000  # rows; up to here the plan keeps names, to name deleted rows later
UNDECIDED = timedelta(minutes=30)  # an undecided plan lives this long


class CannotPlan(Exception):
    """The platform is not what the operation needs; the message says what is missing."""


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
    would write a column that the operation did not name, CannotPlan when the platform
    lacks one.
    """
    params = json.loads(json.dumps(params, cls=DjangoJSONEncoder))
    code = operation()
    with snapshot() as cursor, transaction.atomic():
        cursor.execute("SELECT now()")
        moment = Moment(now=cursor.fetchone()[0])
        run = _new_run(code, params, request, moment)
        steps = code.steps(params, moment)
        run.summary = {"steps": [_plan_step(run, n, s) for n, s in enumerate(steps)]}
        run.rows_planned = run.steps.aggregate(n=Sum("rows_planned"))["n"] or 0
        verdicts = [*guards.verdicts(run, steps), *code.invariants(run, moment)]
        run.summary["verdicts"] = [verdict.as_json() for verdict in verdicts]
        run.save(update_fields=["summary", "rows_planned"])
        run.refresh_from_db()  # as it is stored, so that the hash can be worked out again
        run.move(State.PLANNED, plan_hash=plan_hash(run))
        trail.record(
            run,
            "planned",
            actor=request.user,
            rows=run.rows_planned,
            params=params,
            **trail.origin(run),
        )
    return run


def plan_hash(run: Run) -> str:
    """One fingerprint of all that a person confirms: operation, parameters, every row."""
    whole = {
        "operation": run.operation,
        "version": run.version,
        "params": run.params,
        "facts": run.facts,
        "summary": run.summary,
        "subject": run.subject,
        "risk": run.risk,
        "requested_by": run.requested_by_id,
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
    text = json.dumps(whole, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def _new_run(
    code: Operation, params: dict[str, Any], request: Request, moment: Moment
) -> Run:
    now = timezone.now()
    return Run.objects.create(
        operation=code.slug,
        version=code.version,
        title=code.title,
        subject=code.subject(params, moment)[:300],
        risk=code.risk,
        cluster=code.cluster(),
        params=params,
        reason=request.reason,
        requested_by=request.user,
        origin=request.origin,
        os_user=request.os_user,
        created_at=now,
        planned_at=moment.now,
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
        columns=_column_types(step),
        selection_sql=selection_sql(step),
    )
    selected = step.rows.using(READ).count()
    changing = changed_rows(step).order_by().count()
    store_chunks(stored, step, named=changing <= NAMED_ROWS)
    stored.rows_planned = changing
    stored.rows_unchanged = selected - changing
    stored.save(update_fields=["rows_planned", "rows_unchanged"])
    return {**summarise(step), "rows": changing, "unchanged": stored.rows_unchanged}


def _column_types(step: ChangeRows) -> dict[str, str]:
    try:
        return column_types(step)
    except LookupError as error:
        raise CannotPlan(f"{error.args[0]}.") from None


def _refuse_other_columns(run: Run, step: ChangeRows) -> None:
    allowed = run.definition.written_columns().get(step.model._meta.db_table, ())
    if others := sorted(set(step.values) - set(allowed)):
        raise ValueError(f"{run.operation} may not write {others}")
