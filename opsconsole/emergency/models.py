"""What the watch has found: whether a stop holds, and how GitHub's quota went."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from opsconsole.operations.models import Run


class StopCheck(models.Model):
    """One look at a stop. None is unknown, and the problem beside it says why."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="+")  # the newest stop
    at = models.DateTimeField()
    syncing = models.PositiveIntegerField(null=True)  # rows in the sync
    due = models.PositiveIntegerField(null=True)  # of these, rows due now
    synced = models.PositiveIntegerField(null=True)  # rows synced since the stop
    added = models.PositiveIntegerField(null=True)  # rows added since it began
    platform_problem = models.TextField(blank=True)
    workflow_state = models.CharField(max_length=40, blank=True)  # GitHub's word
    runs_underway = models.PositiveIntegerField(null=True)  # queued or in progress
    github_problem = models.TextField(blank=True)

    objects: ClassVar = models.Manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "-at"], name="check_of_stop")]

    def __str__(self) -> str:
        return f"Look at the stop of run {self.run_id}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_broken(self) -> bool:
        """Whether something is in the sync or has synced in spite of the stop."""
        return bool(self.syncing or self.synced)

    @property
    def is_unknown(self) -> bool:
        """Whether the platform could not say."""
        return self.syncing is None


class QuotaSample(models.Model):
    """GitHub's quota of our token at one moment; without numbers it says why."""

    at = models.DateTimeField(unique=True)
    limit = models.PositiveIntegerField(null=True)  # calls an hour
    used = models.PositiveIntegerField(null=True)
    remaining = models.PositiveIntegerField(null=True)
    reset = models.DateTimeField(null=True)  # when the next hour begins
    problem = models.TextField(blank=True)

    objects: ClassVar = models.Manager()

    def __str__(self) -> str:
        return f"GitHub's quota at {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def newest(cls, since: datetime | None = None) -> "QuotaSample | None":
        """The newest one that holds numbers, or None."""
        found = cls.objects.filter(problem="")
        if since:
            found = found.filter(at__gte=since)
        sample: QuotaSample | None = found.order_by("-at").first()
        return sample
