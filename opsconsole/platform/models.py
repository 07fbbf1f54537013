"""The platform's tables as we see them: unmanaged, and only the columns we use.

A class is named after its table in the singular and its columns keep their names. Any
table or column may be missing in a given platform; `contract` says which, and what is
switched off then. An `optional` table may be missing without a warning: production may
never have had it.
"""

from typing import ClassVar

from django.db import models

from opsconsole.platform.querysets import (
    WorkspaceIssuesCacheQuerySet,
    WorkspaceQuerySet,
    WorkspaceRepositoryQuerySet,
    WorkspaceTrackedRepositoryQuerySet,
)


class AppUser(models.Model):
    """A person who uses the platform."""

    id = models.UUIDField(primary_key=True)
    email = models.TextField(null=True)  # noqa: DJ001
    display_name = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        managed = False
        db_table = "app_users"

    def __str__(self) -> str:
        return self.display_name or str(self.pk)


class Workspace(models.Model):
    """A customer's workspace."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    slug = models.TextField()
    owner = models.ForeignKey(
        AppUser, models.DO_NOTHING, related_name="workspaces", db_constraint=False
    )
    tier = models.TextField()  # CHECK workspaces_tier_check: read the values from there
    max_repositories = models.IntegerField(null=True)
    data_retention_days = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    last_activity_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(null=True)  # false: deleted by its owner

    objects: ClassVar = WorkspaceQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "workspaces"

    def __str__(self) -> str:
        return self.name


class WorkspaceMember(models.Model):
    """A person's membership of a workspace."""

    id = models.UUIDField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.DO_NOTHING, related_name="members")
    user = models.ForeignKey(AppUser, models.DO_NOTHING, related_name="memberships")
    role = models.TextField()
    accepted_at = models.DateTimeField(null=True)  # NULL: invited, not yet a member

    class Meta:
        managed = False
        db_table = "workspace_members"

    def __str__(self) -> str:
        return f"{self.role} of {self.workspace_id}"


class Repository(models.Model):
    """A GitHub repository."""

    id = models.UUIDField(primary_key=True)
    full_name = models.TextField()
    owner = models.TextField()
    name = models.TextField()
    stargazers_count = models.IntegerField(null=True)
    open_issues_count = models.IntegerField(null=True)
    has_issues = models.BooleanField(null=True)
    is_private = models.BooleanField(null=True)
    is_archived = models.BooleanField(null=True)

    class Meta:
        managed = False
        db_table = "repositories"
        verbose_name_plural = "repositories"

    def __str__(self) -> str:
        return self.full_name


class TrackedRepository(models.Model):
    """A repository that the platform tracks for anybody at all."""

    id = models.UUIDField(primary_key=True)
    repository = models.ForeignKey(
        Repository, models.DO_NOTHING, related_name="tracked", db_constraint=False
    )
    tracking_enabled = models.BooleanField(null=True)  # unused by the issues sync

    class Meta:
        managed = False
        db_table = "tracked_repositories"
        verbose_name_plural = "tracked repositories"

    def __str__(self) -> str:
        return str(self.repository_id)


class WorkspaceRepository(models.Model):
    """A repository that a workspace's people see in their workspace."""

    id = models.UUIDField(primary_key=True)
    workspace = models.ForeignKey(
        Workspace, models.DO_NOTHING, related_name="repositories"
    )
    repository = models.ForeignKey(
        Repository, models.DO_NOTHING, related_name="workspace_links"
    )
    added_by = models.UUIDField(null=True)
    added_at = models.DateTimeField(null=True)

    objects: ClassVar = WorkspaceRepositoryQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "workspace_repositories"
        verbose_name_plural = "workspace repositories"

    def __str__(self) -> str:
        return f"{self.repository_id} in {self.workspace_id}"


class WorkspaceTrackedRepository(models.Model):
    """One repository that one workspace keeps in step with GitHub."""

    id = models.UUIDField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.DO_NOTHING, related_name="tracked")
    tracked_repository = models.ForeignKey(
        TrackedRepository, models.DO_NOTHING, related_name="workspace_links"
    )
    sync_frequency_hours = models.IntegerField(null=True)  # 1..168, NULL means 24
    data_retention_days = models.IntegerField(null=True)  # 7..365
    fetch_issues = models.BooleanField(null=True)  # the real off switch
    added_at = models.DateTimeField()
    added_by = models.UUIDField()  # no foreign key, but NOT NULL
    last_sync_at = models.DateTimeField(null=True)
    next_sync_at = models.DateTimeField(null=True)
    last_sync_status = models.TextField(null=True)  # noqa: DJ001
    last_sync_error = models.TextField(null=True)  # noqa: DJ001  untrusted, long
    sync_attempts = models.IntegerField(null=True)
    total_issues_fetched = models.IntegerField(null=True)  # of the last run alone
    priority_score = models.IntegerField(null=True)  # 0..100
    is_active = models.BooleanField(null=True)  # the function does not read it
    notes = models.TextField(null=True)  # noqa: DJ001

    objects: ClassVar = WorkspaceTrackedRepositoryQuerySet.as_manager()
    described_by: ClassVar = (  # what `described()` reads
        "workspace_tracked_repositories.workspace_id",
        "workspace_tracked_repositories.tracked_repository_id",
        "workspaces.name",
        "workspaces.tier",
        "tracked_repositories.repository_id",
        "repositories.full_name",
    )

    class Meta:
        managed = False
        db_table = "workspace_tracked_repositories"
        verbose_name_plural = "workspace tracked repositories"

    def __str__(self) -> str:
        return str(self.pk)


class Issue(models.Model):
    """A GitHub issue as the platform keeps it."""

    optional: ClassVar = True

    id = models.UUIDField(primary_key=True)
    repository = models.ForeignKey(
        Repository, models.DO_NOTHING, related_name="issues", db_constraint=False
    )
    number = models.IntegerField()
    title = models.TextField(null=True)  # noqa: DJ001
    state = models.TextField(null=True)  # noqa: DJ001
    created_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "issues"

    def __str__(self) -> str:
        return f"#{self.number}"


class DailyActivityMetric(models.Model):
    """What happened in one repository on one day."""

    optional: ClassVar = True

    id = models.UUIDField(primary_key=True)
    repository = models.ForeignKey(
        Repository, models.DO_NOTHING, related_name="daily_metrics"
    )
    date = models.DateField()
    issues_opened = models.IntegerField(null=True)
    issues_closed = models.IntegerField(null=True)

    class Meta:
        managed = False
        db_table = "daily_activity_metrics"

    def __str__(self) -> str:
        return f"{self.repository_id} on {self.date}"


class DailyActivityMetricArchive(models.Model):
    """Where daily metrics are kept after a while; no migration of the platform makes it."""

    optional: ClassVar = True

    id = models.UUIDField(primary_key=True)
    repository_id = models.UUIDField()
    date = models.DateField()

    class Meta:
        managed = False
        db_table = "daily_activity_metrics_archive"
        verbose_name_plural = "archived daily activity metrics"

    def __str__(self) -> str:
        return f"{self.repository_id} on {self.date}"


class WorkspaceIssuesCache(models.Model):
    """Numbers worked out for one workspace and period."""

    optional: ClassVar = True

    id = models.UUIDField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.DO_NOTHING, related_name="caches")
    time_range = models.TextField()
    calculated_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects: ClassVar = WorkspaceIssuesCacheQuerySet.as_manager()
    described_by: ClassVar = (  # what `described()` reads
        "workspace_issues_cache.time_range",
        "workspace_issues_cache.workspace_id",
        "workspaces.name",
        "workspaces.tier",
    )

    class Meta:
        managed = False
        db_table = "workspace_issues_cache"
        verbose_name_plural = "workspace issues cache"

    def __str__(self) -> str:
        return f"{self.time_range} of {self.workspace_id}"


class SyncLog(models.Model):
    """A sync of the platform's other workers; the issues sync does not write here."""

    optional: ClassVar = True

    id = models.UUIDField(primary_key=True)
    sync_type = models.TextField()
    status = models.TextField()
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    error_message = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        managed = False
        db_table = "sync_logs"

    def __str__(self) -> str:
        return f"{self.sync_type} {self.status}"


class ProgressiveCaptureJob(models.Model):
    """A capture job of the platform's own queue."""

    optional: ClassVar = True

    id = models.UUIDField(primary_key=True)
    job_type = models.TextField()
    status = models.TextField(null=True)  # noqa: DJ001
    created_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "progressive_capture_jobs"

    def __str__(self) -> str:
        return f"{self.job_type} {self.status}"


class Subscription(models.Model):
    """What a person pays for; not kept in step with workspaces.tier by the platform."""

    optional: ClassVar = True

    id = models.UUIDField(primary_key=True)
    user_id = models.UUIDField()
    tier = models.TextField(null=True)  # noqa: DJ001
    status = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        managed = False
        db_table = "subscriptions"

    def __str__(self) -> str:
        return f"{self.tier} {self.status}"


MODELS: dict[str, type[models.Model]] = {
    model._meta.db_table: model
    for model in (
        AppUser,
        Workspace,
        WorkspaceMember,
        Repository,
        TrackedRepository,
        WorkspaceRepository,
        WorkspaceTrackedRepository,
        Issue,
        DailyActivityMetric,
        DailyActivityMetricArchive,
        WorkspaceIssuesCache,
        SyncLog,
        ProgressiveCaptureJob,
        Subscription,
    )
}  # table -> model
