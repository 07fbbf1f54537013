"""How long what was collected is kept."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from opsconsole.history.models import FunctionResponse, RepositoryResult, Sample

AT_ONCE = 50_000  # outcomes; the next sample goes on, so that no delete takes long

OUTCOMES = f"""
DELETE FROM history_outcome WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM history_outcome WHERE day < %s LIMIT {AT_ONCE}
))
"""  # noqa: S608  our own number


def prune(now: datetime) -> None:
    """Delete what is older than the settings say. Kinds of errors are kept for ever."""
    Sample.objects.filter(at__lt=_before(now, settings.KEEP_SAMPLES_DAYS)).delete()
    responses = _before(now, settings.KEEP_RESPONSES_DAYS)
    RepositoryResult.objects.filter(at__lt=responses).delete()
    FunctionResponse.objects.filter(at__lt=responses).delete()
    with connection.cursor() as cursor:
        oldest = _before(now, settings.KEEP_OUTCOMES_DAYS).date()
        cursor.execute(OUTCOMES, [oldest])


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)
