"""What a run said on its way, and what was found when somebody looked again later."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from opsconsole.operations.models.run import Run


class LogLine(models.Model):
    """One line of a run's log, for the page: written as it happens, never changed."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="log")
    at = models.DateTimeField(db_default=models.functions.Now())
    text = models.CharField(max_length=500)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "-id"], name="log_of_run")]

    def __str__(self) -> str:
        return self.text


class EffectCheck(models.Model):
    """A later look at what a run has brought about: due some time after it ended."""

    class Effect(models.TextChoices):
        """The word people read."""

        EFFECTIVE = "effective"
        PARTLY = "partly"
        NONE = "no effect"
        HARMFUL = "harmful"
        UNKNOWN = "unknown"  # the platform did not answer, or cannot tell

    run = models.ForeignKey(Run, models.CASCADE, related_name="effects")
    after = models.DurationField()  # since the run ended
    due_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    effect = models.CharField(max_length=10, choices=Effect.choices, blank=True)
    sentence = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "after"], name="effect_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="effect_due",
                condition=Q(checked_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"Run {self.run_id} after {self.after}"
