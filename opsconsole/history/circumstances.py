"""What a diagnosis must know beside the row: the schedule's line and GitHub's refusals."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Max, OuterRef

from opsconsole.history.models import RepositoryResult, Sample
from opsconsole.platform import rules
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.models import WorkspaceTrackedRepository

FRESH = timedelta(minutes=15)  # a sample this young knows who is first in line
REMEMBERED = timedelta(days=7)  # a refusal; older ones say nothing about today
MOST_REFUSALS = 2_000  # repositories; more than any schedule reaches in that time


def circumstances(now: datetime, newest: Sample | None = None) -> Circumstances:
    """The circumstances of this moment; `newest` is the sample, for who has it already.

    The line comes from a fresh sample, since working it out reads all due rows; without
    one it is asked of the platform.
    """
    return Circumstances(now, first_in_line(now, newest), refusals(now))


def is_fresh(sample: Sample, now: datetime) -> bool:
    """Whether what it says of single rows may be believed."""
    return now - sample.at < FRESH


def first_in_line(now: datetime, newest: Sample | None = None) -> tuple[UUID, ...]:
    sample = newest or Sample.objects.newest()
    if sample and is_fresh(sample, now):
        return tuple(sample.first_in_line)
    line = WorkspaceTrackedRepository.objects.in_line(now)
    return tuple(line.values_list("pk", flat=True)[: rules.slots()])


def refusals(now: datetime) -> dict[str, datetime]:
    """Full name -> when, of the repositories whose newest result is an error."""
    recent = RepositoryResult.objects.filter(at__gte=now - REMEMBERED)
    later = RepositoryResult.objects.filter(
        repository=OuterRef("repository"), at__gt=OuterRef("at"), success=True
    )
    refused = recent.filter(~Exists(later), success=False).values("repository")
    newest = refused.annotate(newest=Max("at")).order_by("-newest")
    return dict(newest.values_list("repository", "newest")[:MOST_REFUSALS])
