"""Say what is to be said of a plan whose rows are all stored, and seal it with a hash."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.functions import Now

from opsconsole.operations import trail
from opsconsole.operations.lease import proving
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning import guards, opposite
from opsconsole.operations.risks import Risk
from opsconsole.operations.states import State
from opsconsole.operations.steps import StepSpec
from opsconsole.operations.verdicts import Level, Verdict

UNDECIDED = timedelta(minutes=30)  # an undecided plan lives this long
UNDECIDED_EMERGENCY = timedelta(minutes=15)


def seal(run: Run, specs: list[StepSpec], moment: Moment) -> None:
    """Everything is stored: say what is to be said of it, and seal it."""
    run.planned_at = moment.now
    run.rows_planned = sum(step["rows"] for step in run.summary["steps"])
    run.risk = run.definition().risk_of(run)
    verdicts = _verdicts(run, specs, moment)
    run.summary["verdicts"] = [verdict.as_json() for verdict in verdicts]
    sealed = ("summary", "facts", "subject", "risk", "planned_at", "rows_planned")
    with proving(run):  # before the reload, which brings whose token it is now
        run.save(update_fields=sealed)
        run.refresh_from_db()  # as it is stored, so that the hash can be worked out again
        lives = UNDECIDED_EMERGENCY if run.risk == Risk.EMERGENCY else UNDECIDED
        run.move(State.PLANNED, plan_hash=plan_hash(run), expires_at=Now() + lives)
        trail.record(
            run,
            "planned",
            actor=run.requested_by,
            rows=run.rows_planned,
            params=run.params,
            **trail.origin(run),
        )


def _verdicts(run: Run, specs: list[StepSpec], moment: Moment) -> list[Verdict]:
    if run.undo_of_id is None:
        own = run.definition().invariants(run, moment)
    else:
        own = opposite.verdicts(run)
    return [*guards.verdicts(run, specs), *own, *_for_good(run)]


def _for_good(run: Run) -> list[Verdict]:
    """Said before anything happens: what no undo will bring back."""
    never = [step["title"] for step in run.summary["steps"] if step["undo"] == "never"]
    if not never or run.undo_of_id:
        return []
    sentence = f"Nothing undoes this: {', '.join(never)}."
    return [Verdict("Cannot be undone", Level.WARNING, sentence)]


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
        "undo_of": run.undo_of_id,
        "planned_at": run.planned_at.isoformat(),
        "steps": [_fingerprint(step) for step in run.steps.order_by("number")],
    }
    text = json.dumps(whole, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def _fingerprint(step: Step) -> dict[str, Any]:
    digests = step.chunks.order_by("number").values_list("digest", flat=True)
    return {
        "kind": step.kind,
        "table": step.table,
        "columns": step.columns,
        "selection": step.selection_sql,
        "spec": step.spec,
        "optional": step.optional,
        "chunks": list(digests),
    }
