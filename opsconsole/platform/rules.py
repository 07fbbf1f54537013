"""Rules of the platform that stand in its code and in no constraint of its database."""

from datetime import datetime, timedelta

from django.conf import settings

FAILED = "failed"  # workspace_tracked_repositories.last_sync_status
REPEATEDLY = 3  # attempts. Runbook: "Alert: failed and attempts > 3"
USUAL_INTERVAL = 24  # hours; what the sync function makes of an interval that is NULL
GRACE = timedelta(hours=1)  # a scheduled workflow starts late and runs for minutes


def slots() -> int:
    """How many due rows a scheduled run takes. Source: capture-workspace-issues.yml."""
    return int(settings.SCHEDULE_SLOTS)


def slots_per_day() -> float:
    """How many rows all scheduled runs of a day take together."""
    return slots() * 24 / float(settings.SCHEDULE_HOURS)


def window() -> timedelta:
    """How far back each scheduled run fetches. Source: capture-workspace-issues.yml."""
    return timedelta(hours=settings.SCHEDULE_WINDOW_HOURS)


def schedule_rounds(repositories: int) -> int:
    """How many scheduled runs it takes at least to sync that many repositories."""
    return -(-repositories // slots())


def overdue_before(now: datetime) -> datetime:
    """What was due before this moment, at least one schedule should have taken."""
    return now - timedelta(hours=settings.SCHEDULE_HOURS) - GRACE
