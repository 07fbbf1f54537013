"""GitHub's quota of our own token: now, and how it went."""

from datetime import datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.utils import timezone

from opsconsole.emergency.models import QuotaSample
from opsconsole.integrations import github
from opsconsole.integrations.errors import ServiceError

EVERY = timedelta(minutes=5)
PUNCTUAL = timedelta(seconds=30)  # the schedule comes every minute, not to the second
SECONDS = 4.0  # for a sample, which nobody waits for
SPAN = timedelta(hours=6)
POINTS = 36  # one in ten minutes


def sample() -> None:
    """Keep a sample when it is time for one and GitHub is configured."""
    now = timezone.now()
    newest = QuotaSample.objects.order_by("-at").values_list("at", flat=True).first()
    if not github.configured() or (newest and now - newest < EVERY - PUNCTUAL):
        return
    read(SECONDS).save()
    kept = timedelta(days=settings.KEEP_SAMPLES_DAYS)
    QuotaSample.objects.filter(at__lt=now - kept).delete()


def read(seconds: float) -> QuotaSample:
    """Ask GitHub, at most twice that long, and keep nothing."""
    try:
        limit = github.rate_limit(github.client(timeout=seconds))
    except ServiceError as error:
        return QuotaSample(at=timezone.now(), problem=str(error))
    return QuotaSample(
        at=timezone.now(),
        limit=limit.limit,
        used=limit.used,
        remaining=limit.remaining,
        reset=limit.reset,
    )


def trend(now: datetime) -> list[tuple[datetime, int | None]]:
    """End of each of POINTS spans -> the least that remained in it; None if unknown."""
    step = SPAN / POINTS
    begin = now - SPAN
    kept = QuotaSample.objects.filter(at__gt=begin, at__lte=now, problem="")
    found = [
        (at, left)
        for at, left in kept.values_list("at", "remaining")
        if left is not None
    ]
    edges = [begin + step * place for place in range(POINTS + 1)]
    return [
        (end, min((left for at, left in found if start < at <= end), default=None))
        for start, end in pairwise(edges)
    ]
