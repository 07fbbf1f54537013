"""The platform's numbers at one moment, taken every few minutes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

Counts = dict[str, dict[str, int]]  # tier -> word -> rows


class SampleQuerySet(models.QuerySet["Sample"]):
    def usable(self) -> Self:
        """Those that hold numbers."""
        return self.filter(problem="")

    def newest(self) -> "Sample | None":
        """The newest one that holds numbers."""
        return self.usable().order_by("-at").first()

    def since(self, moment: datetime) -> Self:
        return self.filter(at__gte=moment)


class Sample(models.Model):
    """What `platform.diagnosis` said of all rows at one moment, counted.

    A sample with a `problem` holds no numbers: it says why there is a gap.
    """

    at = models.DateTimeField(unique=True)
    took = models.DurationField()  # on the platform
    problem = models.TextField(blank=True)
    words: Any = models.JSONField(default=dict)  # Counts, of tracked repositories
    flags: Any = models.JSONField(default=dict)  # Counts
    errors: Any = models.JSONField(default=dict)  # fingerprint -> tier -> failed rows
    workspaces: Any = models.JSONField(default=dict)  # tier -> not deleted ones
    calls: Any = models.JSONField(default=dict)  # tier -> estimated GitHub calls a day
    runbook: Any = models.JSONField(default=dict)  # its morning numbers, as it has them
    unlinked = models.PositiveIntegerField(null=True)  # None: could not be counted
    untracked = models.PositiveIntegerField(null=True)
    due = models.PositiveIntegerField(default=0)  # rows the function would select now
    synced_lately = models.PositiveIntegerField(default=0)  # successfully, in 24 h
    first_in_line: Any = ArrayField(models.UUIDField(), default=list)
    outcomes_until = models.DateTimeField(
        null=True
    )  # read so far; the platform's clock

    objects: ClassVar = SampleQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"Sample of {self.at:%Y-%m-%d %H:%M}"

    @property
    def total(self) -> int:
        """Tracked repositories."""
        return self.word_count()

    def word_count(self, *words: str, tier: str = "") -> int:
        """Rows with one of these diagnoses, or all rows; of one tier or of all."""
        return _total(self.words, words, tier)

    def flag_count(self, flag: str, *, tier: str = "") -> int:
        return _total(self.flags, (flag,), tier)

    def error_count(self, fingerprint: str) -> int:
        """Failed rows with this error."""
        return sum(self.errors.get(fingerprint, {}).values())


def _total(counts: Counts, words: Iterable[str], tier: str) -> int:
    wanted = set(words)
    return sum(
        rows
        for name, by_word in counts.items()
        if not tier or name == tier
        for word, rows in by_word.items()
        if not wanted or word in wanted
    )
