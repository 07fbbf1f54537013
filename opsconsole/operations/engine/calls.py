"""Make the calls of a step, each once: first one, then ten, then the rest.

A call is marked as sent before it leaves, so a worker that dies meanwhile leaves a mark;
the next one asks the caller what became of it.
"""

import json
import time
from datetime import datetime, timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from opsconsole.operations import heartbeat
from opsconsole.operations.calling import (
    CALLERS,
    AnswerLost,
    Caller,
    CallFailed,
    QuotaSpent,
)
from opsconsole.operations.engine.errors import MustWait, PlanChanged, StepFailed
from opsconsole.operations.engine.progress import progress
from opsconsole.operations.lease import LeaseLost, proving
from opsconsole.operations.models import Chunk, Run, Step
from opsconsole.operations.steps.chunking import is_as_planned

PATIENCE = timedelta(minutes=5)  # to read what became of a call, since it was sent
AGAIN = timedelta(seconds=10)  # between two looks
MOST_FAILED = 2  # failures that a step may have, after the first ten calls …
SHARE_FAILED = 0.05  # … and this share of those made, whichever is more


def make(run: Run, chunk: Chunk) -> None:
    """Make one call and keep its answer. Raises MustWait, StepFailed, LeaseLost."""
    _stop_at_the_threshold(chunk.step)
    if not is_as_planned(chunk):
        raise PlanChanged(f"Call {chunk.number} is not the one that was planned.")
    caller, request = _caller(chunk)
    _mark_sent(run, chunk)
    began = time.monotonic()
    answer: dict[str, Any] = {}
    why = ""
    try:
        if not run.renew_lease():  # stopped meanwhile: another has settled the call
            raise LeaseLost
        with heartbeat.beating(run):
            answer = caller.send({**request, "run": run.pk})
    except QuotaSpent as error:
        _take_back(run, chunk)
        wait = max(error.until - timezone.now(), timedelta(seconds=1))
        raise MustWait(str(error), wait) from None
    except CallFailed as error:
        answer, why = error.answer, f"failed: {error}"
    except AnswerLost as error:
        if not settle_one(run, chunk, str(error)):
            raise MustWait(f"A call was not done: {error}") from None
        return
    _keep(run, chunk, answer, why, took=time.monotonic() - began)


def settle(run: Run, patience: timedelta = PATIENCE) -> None:
    """Find out about calls whose answer was lost. Raises MustWait, LeaseLost."""
    sent = Chunk.objects.filter(step__run=run, state=Chunk.State.SENT)
    for chunk in sent.as_text().order_by("step__number", "number"):
        settle_one(run, chunk, "the answer never came", patience)


def settle_one(
    run: Run, chunk: Chunk, lost: str, patience: timedelta = PATIENCE
) -> bool:
    """Read the truth: done, to be done again, or unknown for good and never repeated.

    False when it is to be done again. Raises MustWait while the truth cannot be read.
    """
    done = _truth(run, chunk, patience)
    if done is False:
        _take_back(run, chunk)
        return False
    if done:
        _keep(run, chunk, {"settled": f"done, although {lost}"}, "")
    else:
        _keep(run, chunk, {"settled": lost}, f"unknown: {lost}")
    return True


def _truth(run: Run, chunk: Chunk, patience: timedelta) -> bool | None:
    """Whether the call was done; None when nobody can find out, within our patience."""
    caller, request = _caller(chunk)
    sent_at = _sent_at(chunk)
    try:
        with heartbeat.beating(run):
            return caller.settle(request, sent_at)
    except (AnswerLost, CallFailed, QuotaSpent) as error:
        if timezone.now() - sent_at > patience:
            return None
        sentence = f"What became of a call cannot be read yet: {error}"
        raise MustWait(sentence, AGAIN) from None


def _stop_at_the_threshold(step: Step) -> None:
    """The first call must succeed; later ones may fail as far as MOST_FAILED and SHARE_FAILED."""
    made = step.chunks.filter(state=Chunk.State.APPLIED)
    done, failed = made.count(), made.filter(rows_skipped__gt=0).count()
    if not failed:
        return
    allowed = 0 if done == 1 else max(MOST_FAILED, SHARE_FAILED * done)
    if failed > allowed:
        last = made.filter(rows_skipped__gt=0).order_by("-number").first()
        why = last.exceptions["0"]["why"] if last else ""
        raise StepFailed(
            f"{failed:,} of {done:,} calls did not succeed, the last: {why}"
        )


def _caller(chunk: Chunk) -> tuple[Caller, dict[str, Any]]:
    after = json.loads(chunk.texts["after"])
    return CALLERS[chunk.step.spec["caller"]], json.loads(after["request"])


def _sent_at(chunk: Chunk) -> datetime:
    return datetime.fromisoformat((chunk.answer or {})["sent_at"])


def _mark_sent(run: Run, chunk: Chunk) -> None:
    chunk.answer = {"sent_at": timezone.now().isoformat()}
    with proving(run):
        ours = Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.PLANNED)
        if not ours.update(state=Chunk.State.SENT, answer=chunk.answer):
            raise LeaseLost


def _take_back(run: Run, chunk: Chunk) -> None:
    """It was certainly not done: make it again later."""
    with proving(run):
        ours = Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.SENT)
        ours.update(state=Chunk.State.PLANNED, answer=None)


def _keep(
    run: Run, chunk: Chunk, answer: dict[str, Any], why: str, took: float = 0.0
) -> None:
    kept = {**(chunk.answer or {}), **answer, "ms": round(took * 1000)}
    counts = {"rows_skipped": 1} if why else {"rows_written": 1}
    with proving(run):
        ours = Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.SENT)
        marked = ours.update(
            state=Chunk.State.APPLIED,
            applied_at=Now(),
            answer=kept,
            exceptions={"0": {"why": why[:500]}} if why else {},
            **counts,
        )
        if not marked:
            raise LeaseLost
        progress(run, timedelta(seconds=took), **counts)
