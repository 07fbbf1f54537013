"""Errors of one kind, remembered since they were first seen."""

from typing import ClassVar

from django.db import models


class ErrorGroup(models.Model):
    """A pattern of errors; how many rows have it now stands in the newest sample."""

    fingerprint = models.CharField(max_length=12, primary_key=True)
    pattern = models.TextField()
    sample = models.TextField()  # one error as it was stored, cut
    first_seen = models.DateTimeField()  # in a sample; it may be older than our samples
    last_seen = models.DateTimeField(db_index=True)

    objects: ClassVar = models.Manager()

    class Meta:
        ordering = ("-last_seen",)

    def __str__(self) -> str:
        return self.pattern[:80]
