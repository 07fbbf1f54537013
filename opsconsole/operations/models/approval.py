"""What a second person said of a run: a signature under one plan, kept for ever."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from opsconsole.operations.models.run import Run


class Approval(models.Model):
    """One decision of one person about the run of another.

    The database refuses the requester's own decision: requester and approver must differ,
    and a foreign key ties the requester to the run's. Rows are final by trigger.
    """

    class Decision(models.TextChoices):
        """`reviewed` is said of an emergency, after the fact."""

        APPROVED = "approved"
        REJECTED = "rejected"
        REVIEWED = "reviewed"

    run = models.ForeignKey(Run, models.CASCADE, related_name="approvals")
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="approvals"
    )
    decision = models.CharField(max_length=10, choices=Decision.choices)
    plan_hash = models.CharField(max_length=64)  # the plan that was signed
    reason = models.CharField(max_length=2000, blank=True)
    decided_at = models.DateTimeField()  # by the console database's clock

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(requester=F("approver")), name="approval_by_another"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["approved", "rejected", "reviewed"]),
                name="approval_decision_known",
            ),
            models.CheckConstraint(
                condition=Q(decision="approved") | ~Q(reason=""),
                name="approval_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.run_id} {self.decision}"
