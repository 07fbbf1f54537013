"""Who did what, and why: entries that nobody can change, each chained to the one before."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries, by what people ask of them."""

    def newest_first(self) -> "EntryQuerySet":
        return self.order_by("-pk")

    def of_run(self, run_id: int) -> "EntryQuerySet":
        return self.filter(run_id=run_id)


class Entry(models.Model):
    """One deed. Names are kept as text, so the entry reads the same after deletions.

    `body` is the exact text that was hashed; the columns beside it are for searching.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,  # an entry stays as it is when the account is deleted
        null=True,
        related_name="+",
        db_constraint=False,
    )
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=80)  # namespaced: operations.run.applied
    subject = models.CharField(max_length=200)
    run_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=2000, blank=True)
    body = models.TextField()
    hash = models.CharField(max_length=64)

    objects: ClassVar = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes: ClassVar = [
            models.Index(fields=["actor_name", "-id"], name="audit_actor"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["run_id", "-id"], name="audit_run"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
