"""Work out exactly what would change, and store it.

One REPEATABLE READ transaction on the platform answers everything, so counts, samples
and chunks belong together. A small plan is made at once; a large one by a worker, which
starts over when it was interrupted.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations import guards, heartbeat, opposite, trail
from opsconsole.operations.catalog.base import Operation
from opsconsole.operations.chunking import AT_ONCE, chunk_of
from opsconsole.operations.lease import proving
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from opsconsole.operations.steps import StepSpec
from opsconsole.operations.verdicts import Level, Verdict
from opsconsole.platform.db import snapshot

NAMED_ROWS = 10_000  # rows; up to here a plan is made at once, and keeps names
UNDECIDED = timedelta(minutes=30)  # an undecided plan lives this long
UNDECIDED_EMERGENCY = timedelta(minutes=15)


class CannotPlan(Exception):
    """The platform is not what the operation needs; the message says what is missing."""


class GivenUp(CannotPlan):
    """Somebody cancelled the run while it was planned."""


class TooLarge(Exception):
    """More rows than a person should wait for: a worker makes this plan."""


@dataclass(frozen=True)
class Request:
    """Who asks, from where, and why."""

    user: User
    origin: str  # "browser" or "terminal"
    reason: str = ""
    os_user: str = ""


def ask(operation: type[Operation], params: dict[str, Any], request: Request) -> Run:
    """Plan at once what is small, and leave what is not to a worker: then PLANNING.

    Raises CannotPlan like `plan()`.
    """
    return now_or_later(new_run(operation(), params, request))


def plan(operation: type[Operation], params: dict[str, Any], request: Request) -> Run:
    """Store the plan of an operation and return its run, planned, whatever its size.

    Parameters are the form's cleaned data made JSON-able. Raises ValueError when a step
    would write a column that the operation did not name, CannotPlan when the platform
    lacks one.
    """
    return _made_at_once(new_run(operation(), params, request))


def now_or_later(run: Run) -> Run:
    """Plan a new run at once if it is small, else leave it to a worker."""
    from opsconsole.operations.tasks import nudge

    try:
        return _made_at_once(run, most=NAMED_ROWS)
    except TooLarge:
        run.release_lease()
        nudge(run)
        return run


def _made_at_once(run: Run, most: int | None = None) -> Run:
    """Work the plan out in this process; whatever prevents it leaves no run behind."""
    try:
        work_out(run, most=most)
    except TooLarge:
        raise
    except BaseException:
        ours = Run.objects.filter(pk=run.pk, lease_token=run.lease_token)
        ours.filter(plan_hash="").delete()
        raise
    return run


def new_run(
    code: Operation,
    params: dict[str, Any],
    request: Request,
    *,
    undo_of: Run | None = None,
) -> Run:
    """A run whose plan this process is going to work out."""
    now = timezone.now()
    run = Run.objects.create(
        operation=code.slug,
        version=code.version,
        title=f"Undo: {code.title}" if undo_of else code.title,
        risk=code.risk,
        cluster=code.cluster(),
        params=json.loads(json.dumps(params, cls=DjangoJSONEncoder)),
        reason=request.reason,
        requested_by=request.user,
        origin=request.origin,
        os_user=request.os_user,
        undo_of=undo_of,
        created_at=now,
        planned_at=now,
        expires_at=now + UNDECIDED,
    )
    claimed = Run.objects.claim(run.pk)
    assert claimed is not None  # nobody else knows of it
    return claimed


def work_out(run: Run, most: int | None = None) -> None:
    """Store the plan of a claimed run, anew if somebody began before. Then PLANNED.

    Raises TooLarge above `most` rows, before anything is stored; LeaseLost.
    """
    with proving(run):
        run.steps.all().delete()
        Run.objects.filter(pk=run.pk).update(rows_planned=0)
    with heartbeat.beating(run), snapshot() as cursor:
        cursor.execute("SELECT now()")
        moment = Moment(now=cursor.fetchone()[0])
        try:
            moment = _with_facts(run, moment)
            specs = _specs(run, moment)
        except LookupError as error:
            raise CannotPlan(f"{error.args[0]}.") from None
        named = _is_small(run, specs, most)
        run.summary = {"steps": []}
        for number, spec in enumerate(specs):
            run.summary["steps"].append(_store(run, number, spec, named=named))
        _complete(run, specs, moment)


def _with_facts(run: Run, moment: Moment) -> Moment:
    if run.undo_of is not None:
        return moment
    facts = run.definition().facts(run.params, moment)
    run.facts = json.loads(json.dumps(facts, cls=DjangoJSONEncoder))
    return replace(moment, facts=run.facts)


def _specs(run: Run, moment: Moment) -> list[StepSpec]:
    """The steps to plan; also says what the run is about."""
    if run.undo_of is not None:
        run.subject = f"run {run.undo_of.pk}, {run.undo_of.subject}"[:300]
        return [*opposite.steps(run.undo_of)]
    code = run.definition()
    run.subject = code.subject(run.params, moment)[:300]
    return [*code.steps(run.params, moment)]


def _is_small(run: Run, specs: list[StepSpec], most: int | None) -> bool:
    """Whether the rows keep their names; also how far the page's progress bar reaches."""
    size = sum(spec.size(NAMED_ROWS + 1) for spec in specs)
    if most is not None and size > most:
        raise TooLarge
    if size > NAMED_ROWS:
        size = sum(spec.selected() or spec.size(NAMED_ROWS + 1) for spec in specs)
    with proving(run):
        Run.objects.filter(pk=run.pk).update(rows_expected=size)
    return size <= NAMED_ROWS


def _store(run: Run, number: int, spec: StepSpec, *, named: bool) -> dict[str, Any]:
    """Store one step with its chunks; answers with what the plan's page shows of it."""
    try:
        fields = spec.stored()
    except LookupError as error:
        raise CannotPlan(f"{error.args[0]}.") from None
    stored = Step(run=run, number=number, title=spec.title, optional=spec.optional)
    for name, value in {"kind": spec.kind, **fields}.items():
        setattr(stored, name, value)
    if run.undo_of_id is None:
        _refuse_undeclared(run, stored)
    stored.spec["explain"] = spec.explain()
    with proving(run):
        stored.save()
    stored.rows_planned = _store_chunks(run, stored, spec, named=named)
    selected = spec.selected()
    unchanged = None if selected is None else selected - stored.rows_planned
    stored.rows_unchanged = unchanged or 0
    with proving(run):
        stored.save(update_fields=["rows_planned", "rows_unchanged"])
    return {
        "kind": stored.kind,
        "title": stored.title,
        "table": stored.table,
        "noun": spec.noun,
        "optional": stored.optional,
        "rows": stored.rows_planned,
        "unchanged": stored.rows_unchanged,
        "undo": stored.spec.get("undo", ""),
        "undo_note": stored.spec.get("undo_note", ""),
        **spec.summary(stored),
    }


def _store_chunks(run: Run, stored: Step, spec: StepSpec, *, named: bool) -> int:
    """Store every change of a step; how many rows they are."""
    numbered = enumerate(spec.chunks(named=named))
    rows = 0
    while some := list(islice(numbered, AT_ONCE)):
        held = sum(texts.keys.count(",") + 1 for _, texts in some)
        with proving(run):
            stored.chunks.bulk_create(chunk_of(stored, *one) for one in some)
            Run.objects.filter(pk=run.pk).update(rows_planned=F("rows_planned") + held)
        rows += held
        _heed_cancel(run)
    return rows


def _heed_cancel(run: Run) -> None:
    if Run.objects.filter(pk=run.pk, cancel_requested_by__isnull=False).exists():
        raise GivenUp("Somebody cancelled it while it was planned.")


def _refuse_undeclared(run: Run, stored: Step) -> None:
    asked = [(stored.kind, stored.table, sorted(stored.columns))]
    if stored.kind == "move rows":
        asked.append(("insert rows", stored.spec["to"], stored.spec["names"]))
    for kind, table, names in asked:
        if not run.definition().allows(kind, table, names):
            raise ValueError(f"{run.operation} may not write {names} of {table!r}")


def _complete(run: Run, specs: list[StepSpec], moment: Moment) -> None:
    """Everything is stored: say what is to be said of it, and seal it."""
    _heed_cancel(run)
    run.planned_at = moment.now
    run.rows_planned = sum(step["rows"] for step in run.summary["steps"])
    code = run.definition()
    if run.undo_of_id is None:
        own = code.invariants(run, moment)
    else:
        own = opposite.verdicts(run)
    run.risk = code.risk_of(run)
    verdicts: list[Verdict] = [*guards.verdicts(run, specs), *own, *_for_good(run)]
    run.summary["verdicts"] = [verdict.as_json() for verdict in verdicts]
    sealed = ("summary", "facts", "subject", "risk", "planned_at", "rows_planned")
    with proving(run):  # before the reload, which brings whose token it is now
        run.save(update_fields=sealed)
        run.refresh_from_db()  # as it is stored, so that the hash can be worked out again
        lives = UNDECIDED_EMERGENCY if run.risk == "emergency" else UNDECIDED
        run.move(
            State.PLANNED,
            plan_hash=plan_hash(run),
            expires_at=Now() + lives,
        )
        trail.record(
            run,
            "planned",
            actor=run.requested_by,
            rows=run.rows_planned,
            params=run.params,
            **trail.origin(run),
        )


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
