"""Conditions on the platform's rows, by their names.

Pages, operations and checks mean the same rows by the same word.
"""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from opsconsole.platform import diagnosis, flags
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.fingerprint import fingerprint as fingerprint_of
from opsconsole.platform.rules import FAILED, REPEATEDLY, overdue_before


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

    def diagnosed(self, circumstances: Circumstances) -> Self:
        """With `word` and `flags`; see diagnosis.py and flags.py."""
        return self.annotate(
            word=diagnosis.word(circumstances), flags=flags.flags(circumstances)
        )

    def with_word(self, word: str, circumstances: Circumstances) -> Self:
        """Those whose diagnosis is this word. Raises KeyError for no such word."""
        # The first condition follows from the second; the planner estimates by it.
        possible = self.filter(diagnosis.BY_WORD[word].where(circumstances))
        return possible.alias(word=diagnosis.word(circumstances)).filter(word=word)

    def in_trouble(self, circumstances: Circumstances) -> Self:
        """Those at which somebody should look: their word is one of TROUBLE."""
        found = (diagnosis.BY_WORD[word] for word in diagnosis.TROUBLE)
        # As in with_word: the planner estimates by what follows from the word.
        conditions = (each.where(circumstances) for each in found)
        possible = self.filter(reduce(or_, conditions))
        worded = possible.alias(word=diagnosis.word(circumstances))
        return worded.filter(word__in=diagnosis.TROUBLE)

    def with_flag(self, flag: str, circumstances: Circumstances) -> Self:
        """Those that have this flag. Raises KeyError for no such flag."""
        return self.filter(flags.BY_WORD[flag].where(circumstances))

    def with_error(self, fingerprint: str) -> Self:
        """Those whose error has this fingerprint; see fingerprint.py."""
        return self.alias(fingerprint=fingerprint_of()).filter(fingerprint=fingerprint)

    def in_line(self, now: datetime) -> Self:
        """What is due, in the order in which the sync function takes it.

        Source: `workspace-issues-sync`, `ORDER BY priority_score DESC`, where PostgreSQL
        puts NULL first. It leaves ties to chance; ours go by the time they became due.
        """
        by_priority = F("priority_score").desc(nulls_first=True)
        return self.due(now).order_by(by_priority, "next_sync_at", "pk")

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

    def placed(self) -> Self:
        """With `row_workspace_id` and `row_tier` alone, for counting many rows."""
        return self.annotate(
            row_workspace_id=F("workspace_id"), row_tier=F("workspace__tier")
        )


class WorkspaceQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Customers' workspaces."""

    def active(self) -> Self:
        """Not soft-deleted."""
        return self.exclude(is_active=False)

    def deleted(self) -> Self:
        """Soft-deleted by their owners; the sync function does not look at that."""
        return self.filter(is_active=False)

    def with_use(self) -> Self:
        """With `used`: how many repositories each one has, counted.

        workspaces.current_repository_count is kept by triggers that production may lack.
        """
        links = self.model._meta.apps.get_model("platform", "WorkspaceRepository")
        of_one = links.objects.filter(workspace=OuterRef("pk")).order_by()
        counted = of_one.values("workspace").annotate(total=Count("*")).values("total")
        return self.annotate(used=Coalesce(Subquery(counted), 0))

    def using_over(self, share: float) -> Self:
        """Which use more than this share of their own limit; 1: more than allowed."""
        return self.with_use().filter(used__gt=F("max_repositories") * share)

    def active_since(self, moment: datetime) -> Self:
        """In which something has happened since."""
        return self.filter(last_activity_at__gte=moment)

    def quiet_since(self, moment: datetime) -> Self:
        """In which nothing has happened since, or nothing that was written down."""
        return self.filter(Q(last_activity_at__lt=moment) | Q(last_activity_at=None))

    def matching(self, text: str) -> Self:
        """Whose name, slug or one of whose repositories contains the text."""
        inside = Q(repositories__repository__full_name__icontains=text)
        by_repository = self.model._default_manager.filter(inside).values("pk")
        return self.filter(
            Q(name__icontains=text) | Q(slug__icontains=text) | Q(pk__in=by_repository)
        )


class WorkspaceRepositoryQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Repositories that people see in workspaces; see gaps.py for counting many."""

    def of_living_workspaces(self) -> Self:
        """Not of those that their owners deleted."""
        return self.exclude(workspace__is_active=False)

    def unlinked(self) -> Self:
        """Tracked by the platform, but without a row that syncs them for the workspace."""
        rows = self.model._meta.apps.get_model("platform", "WorkspaceTrackedRepository")
        synced = rows.objects.filter(
            workspace=OuterRef("workspace"),
            tracked_repository=OuterRef("repository__tracked__pk"),
        )
        return self.filter(~Exists(synced), repository__tracked__isnull=False)

    def untracked(self) -> Self:
        """Not tracked for anybody, so that they cannot be linked."""
        return self.filter(repository__tracked__isnull=True)

    def described(self) -> Self:
        """With `row_label`, `row_workspace` and `row_tier`, as plans name a row."""
        return self.placed().annotate(
            row_label=F("repository__full_name"), row_workspace=F("workspace__name")
        )

    def placed(self) -> Self:
        """With `row_workspace_id` and `row_tier` alone."""
        return self.annotate(
            row_workspace_id=F("workspace_id"), row_tier=F("workspace__tier")
        )


class WorkspaceIssuesCacheQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Numbers worked out for workspaces and periods."""

    def expired(self, before: datetime) -> Self:
        """Whose time was over before that moment."""
        return self.filter(expires_at__lt=before)

    def described(self) -> Self:
        """With `row_label`, `row_workspace` and `row_tier`, as plans name a row."""
        between = Value(", last ", output_field=models.TextField())
        name = Concat(F("workspace__name"), between, F("time_range"))
        return self.placed().annotate(
            row_label=name, row_workspace=F("workspace__name")
        )

    def placed(self) -> Self:
        """With `row_workspace_id` and `row_tier` alone, for counting many rows."""
        return self.annotate(
            row_workspace_id=F("workspace_id"), row_tier=F("workspace__tier")
        )
