"""Work out exactly what would change, and store it.

One REPEATABLE READ transaction on the platform answers everything, so counts, samples
and chunks belong together. A small plan is made at once; a large one by a worker, which
starts over when it was interrupted.
"""

import json
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F
from django.utils import timezone

from opsconsole.accounts.models import User
from opsconsole.operations import heartbeat
from opsconsole.operations.catalog.base import Operation
from opsconsole.operations.lane import Lane
from opsconsole.operations.lease import proving
from opsconsole.operations.models import Run, Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.planning import opposite
from opsconsole.operations.planning.sealing import UNDECIDED, seal
from opsconsole.operations.steps import StepSpec, Texts
from opsconsole.operations.steps.chunking import AT_ONCE, chunk_of
from opsconsole.platform.db import snapshot

NAMED_ROWS = 10_000  # rows; up to here a plan is made at once, and keeps names


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
        _heed_cancel(run)
        seal(run, specs, moment)


def _with_facts(run: Run, moment: Moment) -> Moment:
    if run.undo_of is not None:
        return moment
    facts = run.definition().facts(run.params, moment)
    moment = moment.knowing(facts)
    run.facts = moment.facts
    return moment


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
    """Store every change of a step, many while the next are read; how many rows they are."""
    numbered = enumerate(spec.chunks(named=named))
    rows, storing = 0, list["Future[None]"]()
    with closing(Lane()) as lane:
        while some := list(islice(numbered, AT_ONCE)):
            rows += _rows(some)
            _finished(storing)
            if len(some) < AT_ONCE:  # few rows are not worth a thread
                _store_some(run, stored, some)
            else:
                storing = [lane.begin(_store_some, run, stored, some)]
            _heed_cancel(run)
        _finished(storing)
    return rows


def _finished(storing: "list[Future[None]]") -> None:
    for one in storing:
        one.result()


def _store_some(run: Run, stored: Step, some: list[tuple[int, Texts]]) -> None:
    with proving(run):
        stored.chunks.bulk_create(chunk_of(stored, *one) for one in some)
        planned = F("rows_planned") + _rows(some)
        Run.objects.filter(pk=run.pk).update(rows_planned=planned)


def _rows(some: list[tuple[int, Texts]]) -> int:
    return sum(texts.keys.count(",") + 1 for _, texts in some)


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
