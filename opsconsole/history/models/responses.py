"""What the sync function answered: the only place where GitHub's refusals appear."""

from typing import Any, ClassVar

from django.db import models


class FunctionResponse(models.Model):
    """One call of `workspace-issues-sync` and its answer, errors inside a 200 included."""

    at = models.DateTimeField(db_index=True)  # when it ended
    took = models.DurationField()
    run_id = models.BigIntegerField(null=True)  # the console's run that called it
    workspace_id = models.UUIDField(null=True)  # None: all workspaces
    limit = models.PositiveIntegerField()
    hours_back = models.PositiveIntegerField()
    dry_run = models.BooleanField()
    status = models.PositiveSmallIntegerField(
        null=True
    )  # HTTP; None: no answer in time
    message = models.TextField(blank=True)  # the function's own, or why there is none
    calls = models.PositiveIntegerField(null=True)  # to GitHub; None: not said
    named = models.PositiveIntegerField(default=0)  # repositories in the answer
    refused = models.PositiveIntegerField(default=0)  # of those, with an error

    objects: ClassVar = models.Manager()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"Response of {self.at:%Y-%m-%d %H:%M}"


class RepositoryResult(models.Model):
    """What one response says of one repository."""

    response: Any = models.ForeignKey(
        FunctionResponse, models.CASCADE, related_name="results"
    )
    at = models.DateTimeField()  # as the response
    repository = models.TextField()  # its full name
    workspace = models.TextField(
        blank=True
    )  # its name; the function often leaves it out
    success = models.BooleanField()
    error = models.TextField(blank=True)
    issues_found = models.PositiveIntegerField(null=True)
    issues_synced = models.PositiveIntegerField(null=True)

    objects: ClassVar = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["repository", "-at"], name="result_repository"),
            models.Index(
                fields=["-at"], name="result_refused", condition=models.Q(success=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.repository}: {self.error or 'success'}"
