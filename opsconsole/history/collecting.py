"""When samples are taken: the scheduled work of this room, and how it stands."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone
from django_q.tasks import async_task

from opsconsole.history import outcomes, samples
from opsconsole.history.models import Sample
from opsconsole.history.pruning import prune
from opsconsole.platform import needs
from opsconsole.web.formats import duration

LONGEST_WAIT = timedelta(hours=1)  # between two samples of a platform in trouble
BURDEN = 0.1  # of a period: a sample that takes longer is one
LATE = 3  # periods without a sample that holds numbers
PUNCTUAL = timedelta(seconds=30)  # the schedule comes every minute, not to the second
ANOTHER = 5.0  # seconds that a sample of another worker usually takes at most
LOCK = 7_308_620_001  # any number that nobody else locks

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Collecting:
    """Whether samples are being taken, for the pages that show them."""

    since: datetime | None  # the oldest kept sample with numbers
    newest: Sample | None
    late: bool
    sentence: str


def collect() -> str:
    """Take a sample when it is time for one. The schedule asks every minute."""
    with _alone() as alone:
        if not alone:
            return "another worker is at it"
        recent = _recent()
        if recent and timezone.now() - recent[0].at < wait(recent) - PUNCTUAL:
            return "not yet"
        return _collect()


def soon() -> None:
    """Ask for a sample, since the platform's rows have just been changed.

    Inside a transaction the message is committed or lost together with it. Several
    messages make one sample.
    """
    asked = timezone.now()
    async_task("opsconsole.history.collecting.collect_since", asked, cluster="bulk")


def collect_since(asked: datetime) -> str:
    """Take a sample unless there is one from after that moment, or the platform suffers."""
    with _alone(ANOTHER) as alone:
        if not alone:
            return "another worker is at it"
        recent = _recent()
        if recent and recent[0].at >= asked:
            return "somebody else did"
        if wait(recent) > period():
            return "the platform is in trouble"
        return _collect()


def period() -> timedelta:
    """The usual time from one sample to the next."""
    return timedelta(minutes=settings.SAMPLE_MINUTES)


def wait(recent: list[Sample]) -> timedelta:
    """The time to the next sample: doubled by each of the newest ones that was a burden."""
    length = period()
    for sample in recent:
        if not sample.problem and sample.took <= period() * BURDEN:
            break
        length *= 2
    return max(period(), min(length, LONGEST_WAIT))


def state(now: datetime, newest: Sample | None = None) -> Collecting:
    """How collecting stands; two queries, three where it is late.

    One less for a caller who has the newest sample already.
    """
    newest = newest or samples.newest()
    if newest is None:
        why = _why(None, "the workers take a sample within a minute.")
        return Collecting(None, None, True, f"Nothing has been collected yet{why}")
    oldest = Sample.objects.usable().order_by("at").values_list("at", flat=True)
    since = timezone.localtime(oldest[0])
    age = _age(now - newest.at)
    if now - newest.at > LATE * period():
        why = _why(newest.at, "no worker has taken one since.")
        return Collecting(since, newest, True, f"The last sample is {age} old{why}")
    begun = f"Collecting since {since.day} {since:%b %Y}"
    return Collecting(since, newest, False, f"{begun}; newest sample {age} old.")


def _collect() -> str:
    sample = samples.take()
    if not sample.problem:
        _collect_outcomes(sample)
    prune(timezone.now())
    return sample.problem or "taken"


def _collect_outcomes(sample: Sample) -> None:
    """The sample is good without them; the next one looks further back."""
    try:
        outcomes.collect(sample)
    except (DatabaseError, InterfaceError) as error:
        if needs.is_ours():
            raise
        log.warning("No outcomes: %s", error)


@contextmanager
def _alone(patience: float = 0) -> Iterator[bool]:
    """A transaction in which nobody else collects; False where somebody does already.

    `patience` is how many seconds we wait for them to end.
    """
    ends = monotonic() + patience
    with transaction.atomic():
        while not (alone := _locked()) and monotonic() < ends:
            sleep(0.1)
        yield alone


def _locked() -> bool:
    with connection.cursor() as cursor:
        # The platform may be slow: idle for longer than others may be (sessions.py).
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _recent() -> list[Sample]:
    """The newest ones, with or without numbers; more would not lengthen the wait."""
    return list(Sample.objects.only("at", "took", "problem").order_by("-at")[:8])


def _age(span: timedelta) -> str:
    """By the minute."""
    minutes = span // timedelta(minutes=1)
    return duration(minutes * 60) if minutes > 0 else "less than a minute"


def _why(after: datetime | None, otherwise: str) -> str:
    """The rest of a sentence: the newest problem since then, or what else it may be."""
    failed = Sample.objects.exclude(problem="")
    if after:
        failed = failed.filter(at__gt=after)
    newest = failed.order_by("-at").values_list("problem", flat=True).first()
    return f". {newest}" if newest else f"; {otherwise}"
