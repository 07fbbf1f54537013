"""Conditions on the platform's rows, by their names.

Pages, operations and checks mean the same rows by the same word.
"""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

FAILED = "failed"  # workspace_tracked_repositories.last_sync_status
REPEATEDLY = 3  # attempts. Runbook: "Alert: failed and attempts > 3"
GRACE = timedelta(hours=1)  # a scheduled workflow starts late and runs for minutes


def schedule_rounds(repositories: int) -> int:
    """How many scheduled runs it takes at least to sync that many repositories."""
    return -(-repositories // settings.SCHEDULE_SLOTS)


def overdue_before(now: datetime) -> datetime:
    """What was due before this moment, at least one schedule should have taken."""
    return now - timedelta(hours=settings.SCHEDULE_HOURS) - GRACE


class WorkspaceTrackedRepositoryQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Repositories that workspaces keep in step with GitHub."""

    def active(self) -> Self:
        """Neither paused nor switched off, as the runbook's statements mean it."""
        return self.exclude(is_active=False)

    def syncing(self) -> Self:
        """What the sync function takes: it reads fetch_issues and never is_active.

        Source: `workspace-issues-sync`, selection `fetch_issues = true`.
        """
        return self.filter(fetch_issues=True)

    def failed(self) -> Self:
        """The last sync ended in an exception.

        A GitHub error on the first page leaves no trace here, so this is not every
        repository that does not sync. The platform's `failed` is written by exceptions only.
        """
        return self.filter(last_sync_status=FAILED)

    def failing_repeatedly(self) -> Self:
        """Failed more than three times in a row. Runbook: the alert's condition."""
        return self.failed().filter(sync_attempts__gt=REPEATEDLY)

    def due(self, now: datetime) -> Self:
        """The function takes these at its next run, as far as its limit reaches."""
        return self.syncing().filter(next_sync_at__lte=now)

    def overdue(self, now: datetime) -> Self:
        """Due for longer than one schedule and its grace: somebody should have synced it."""
        return self.syncing().filter(next_sync_at__lt=overdue_before(now))

    def never_scheduled(self) -> Self:
        """No next sync at all: the function never selects these."""
        return self.syncing().filter(next_sync_at=None)

    def never_synced(self) -> Self:
        return self.filter(last_sync_at=None)

    def paused(self) -> Self:
        return self.filter(fetch_issues=False)

    def of_workspace(self, workspace: UUID) -> Self:
        return self.filter(workspace_id=workspace)

    def in_tiers(self, tiers: list[str]) -> Self:
        return self.filter(workspace__tier__in=tiers)

    def described(self) -> Self:
        """With `row_label`, `row_workspace` and `row_tier`, as plans and lists name a row."""
        return self.annotate(
            row_label=F("tracked_repository__repository__full_name"),
            row_workspace=F("workspace__name"),
            row_workspace_id=F("workspace_id"),
            row_tier=F("workspace__tier"),
        )


class WorkspaceQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Customers' workspaces."""

    def active(self) -> Self:
        """Not soft-deleted."""
        return self.exclude(is_active=False)

    def matching(self, text: str) -> Self:
        """Whose name, slug or one of whose repositories contains the text."""
        inside = Q(repositories__repository__full_name__icontains=text)
        by_repository = self.model._default_manager.filter(inside).values("pk")
        return self.filter(
            Q(name__icontains=text) | Q(slug__icontains=text) | Q(pk__in=by_repository)
        )
