"""The platform's tables as they are: lists for the last resort."""

from django.contrib import admin

from opsconsole.platform import models
from opsconsole.platform.guarded_admin import PlatformAdmin, start_of

LISTED = 80  # characters of a long text in a list


@admin.register(models.AppUser)
class AppUserAdmin(PlatformAdmin):
    list_display = ("display_name", "email")
    search_fields = ("email", "display_name")


@admin.register(models.Workspace)
class WorkspaceAdmin(PlatformAdmin):
    list_display = (
        "name",
        "slug",
        "tier",
        "max_repositories",
        "data_retention_days",
        "last_activity_at",
        "is_active",
    )
    ids = ("pk", "owner")
    search_fields = ("name", "slug")


@admin.register(models.WorkspaceMember)
class WorkspaceMemberAdmin(PlatformAdmin):
    list_display = ("workspace", "role", "user_id", "accepted_at")
    list_select_related = ("workspace",)
    ids = ("pk", "workspace", "user")
    search_fields = ("workspace__name", "role")


@admin.register(models.Repository)
class RepositoryAdmin(PlatformAdmin):
    list_display = (
        "full_name",
        "stargazers_count",
        "open_issues_count",
        "has_issues",
        "is_private",
        "is_archived",
    )
    search_fields = ("full_name",)


@admin.register(models.TrackedRepository)
class TrackedRepositoryAdmin(PlatformAdmin):
    list_display = ("repository", "tracking_enabled")
    ids = ("pk", "repository")
    list_select_related = ("repository",)
    search_fields = ("repository__full_name",)


@admin.register(models.WorkspaceRepository)
class WorkspaceRepositoryAdmin(PlatformAdmin):
    list_display = ("repository", "workspace", "added_at")
    list_select_related = ("workspace", "repository")
    ids = ("pk", "workspace", "repository")
    search_fields = ("workspace__name", "repository__full_name")


@admin.register(models.WorkspaceTrackedRepository)
class WorkspaceTrackedRepositoryAdmin(PlatformAdmin):
    capped = ("last_sync_error", "notes")
    list_display = (
        "repository",
        "workspace",
        "last_sync_status",
        "sync_attempts",
        "sync_frequency_hours",
        "last_sync_at",
        "next_sync_at",
        start_of("last_sync_error", LISTED),
    )
    list_select_related = ("workspace", "tracked_repository__repository")
    ids = ("pk", "workspace", "tracked_repository")
    search_fields = (
        "workspace__name",
        "tracked_repository__repository__full_name",
    )

    @admin.display(ordering="tracked_repository__repository__full_name")
    def repository(self, row: models.WorkspaceTrackedRepository) -> str:
        return row.tracked_repository.repository.full_name


@admin.register(models.Issue)
class IssueAdmin(PlatformAdmin):
    capped = ("title",)
    list_display = (
        "repository",
        "number",
        start_of("title", LISTED),
        "state",
        "created_at",
    )
    list_select_related = ("repository",)
    ids = ("pk", "repository")
    search_fields = ("repository__full_name",)


@admin.register(models.DailyActivityMetric)
class DailyActivityMetricAdmin(PlatformAdmin):
    list_display = ("repository", "date", "issues_opened", "issues_closed")
    list_select_related = ("repository",)
    ids = ("pk", "repository")
    search_fields = ("repository__full_name",)


@admin.register(models.DailyActivityMetricArchive)
class DailyActivityMetricArchiveAdmin(PlatformAdmin):
    list_display = ("repository_id", "date")
    ids = ("pk", "repository_id")
    search_fields = ("repository_id",)


@admin.register(models.WorkspaceIssuesCache)
class WorkspaceIssuesCacheAdmin(PlatformAdmin):
    list_display = ("workspace", "time_range", "calculated_at", "expires_at")
    list_select_related = ("workspace",)
    ids = ("pk", "workspace")
    search_fields = ("workspace__name",)


@admin.register(models.SyncLog)
class SyncLogAdmin(PlatformAdmin):
    capped = ("error_message",)
    list_display = (
        "sync_type",
        "status",
        "started_at",
        "completed_at",
        start_of("error_message", LISTED),
    )
    search_fields = ("sync_type", "status")


@admin.register(models.ProgressiveCaptureJob)
class ProgressiveCaptureJobAdmin(PlatformAdmin):
    list_display = ("job_type", "status", "created_at", "completed_at")
    search_fields = ("job_type", "status")


@admin.register(models.Subscription)
class SubscriptionAdmin(PlatformAdmin):
    list_display = ("user_id", "tier", "status")
    ids = ("pk", "user_id")
    search_fields = ("tier", "status")
