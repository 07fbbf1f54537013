"""What became of each repository on each day: the platform keeps only the last sync."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Outcome(models.Model):
    """One tracked repository on one day (UTC) on which something was seen or missing.

    Narrow, since there is one for every repository and day: the key is the row itself,
    and days are found by a BRIN index, as rows are added in their order.
    """

    pk = models.CompositePrimaryKey("row", "day")
    row = models.UUIDField()  # workspace_tracked_repositories.id
    newest = models.DateTimeField(null=True)  # sync counted last; None: missed
    day = models.DateField()
    issues = models.PositiveIntegerField(default=0)  # fetched by those that succeeded
    succeeded = models.PositiveSmallIntegerField(default=0)  # syncs seen to succeed
    failed = models.PositiveSmallIntegerField(default=0)  # syncs seen to fail

    objects: ClassVar = models.Manager()

    class Meta:
        indexes = [BrinIndex(fields=["day"], name="outcome_day", pages_per_range=16)]

    def __str__(self) -> str:
        return f"{self.row} on {self.day}: {self.word}"

    @property
    def word(self) -> str:
        """What mattered most that day: a success outweighs a failure before or after.

        With neither, the row was overdue when the day ended.
        """
        if self.succeeded:
            return "success"
        return "failed" if self.failed else "missed"
