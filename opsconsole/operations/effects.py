"""Look again later: has a run brought about what it was for?

Verification says that the rows hold what was written; only time says whether that helped.
"""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from opsconsole.operations.models import EffectCheck, Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.states import State
from opsconsole.platform import needs
from opsconsole.platform.db import snapshot
from opsconsole.web.formats import duration

PATIENCE = timedelta(hours=1)  # after which a platform that is silent stays unknown
AT_ONCE = 20  # looks; the next minute goes on with the others
Effect = EffectCheck.Effect
Finding = tuple[Effect, str]

log = logging.getLogger(__name__)


def schedule(run: Run) -> None:
    """Plan the looks of a run that has ended, in the caller's transaction.

    Not of an undo: it puts back what was there. Nor of a run that wrote nothing.
    """
    if run.undo_of_id is not None or not run.rows_written or run.finished_at is None:
        return
    checks = [
        EffectCheck(run=run, after=after, due_at=run.finished_at + after)
        for after in run.definition.effect_after
    ]
    EffectCheck.objects.bulk_create(checks, ignore_conflicts=True)


def look() -> str:
    """Take the looks that are due. The schedule asks every minute."""
    now = timezone.now()
    due = EffectCheck.objects.filter(checked_at=None, due_at__lte=now)
    checks = due.select_related("run").order_by("due_at", "pk")[:AT_ONCE]
    taken = sum(_look(check, now) for check in checks)
    return f"{taken} looked at"


def _look(check: EffectCheck, now: datetime) -> bool:
    """Whether the look was taken; one that was not is taken again in a minute."""
    finding = _foregone(check.run) or _found(check, now)
    if finding is None:
        return False
    effect, sentence = finding
    still = EffectCheck.objects.filter(pk=check.pk, checked_at=None)
    with transaction.atomic():
        if not still.update(checked_at=now, effect=effect, sentence=sentence[:500]):
            return False  # another worker was quicker
        check.run.say(f"{duration(check.after)} later: {effect}. {sentence}")
    return True


def _foregone(run: Run) -> Finding | None:
    """What is to be said without looking; None when it is worth a look."""
    if run.state == State.UNDONE:
        return Effect.UNKNOWN, "The run was undone before anybody looked."
    try:
        _ = run.definition
    except KeyError:
        return Effect.UNKNOWN, "The console no longer has this operation."
    return None


def _found(check: EffectCheck, now: datetime) -> Finding | None:
    """None while a platform that does not answer may still come back in time."""
    try:
        return _ask(check.run)
    except (DatabaseError, InterfaceError) as error:
        if needs.is_ours():
            raise
        log.warning("Run %s: no look at its effect: %s", check.run_id, error)
        if now < check.due_at + PATIENCE:
            return None
        return (
            Effect.UNKNOWN,
            f"The platform could not be asked for {duration(PATIENCE)}.",
        )
    except Exception:
        # One operation's mistake must not keep the others from being looked at.
        log.exception("Run %s: its effect could not be worked out", check.run_id)
        return Effect.UNKNOWN, "It could not be worked out: see the console's log."


def _ask(run: Run) -> Finding:
    with snapshot() as cursor:
        cursor.execute("SELECT now()")
        moment = Moment(now=cursor.fetchone()[0], facts=run.facts)
        return run.definition().effect(run, moment)
