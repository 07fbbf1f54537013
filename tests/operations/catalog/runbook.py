"""The statements of the runbook that our operations replace, as they stand there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LIMIT_FREE_TIER = """UPDATE workspace_tracked_repositories
SET is_active = FALSE
WHERE workspace_id IN (
  SELECT workspace_id
  FROM workspaces
  WHERE tier = 'free'
  LIMIT 50
)"""
RAISE_RETENTION = """UPDATE workspace_tracked_repositories wtr
SET data_retention_days = 60
FROM (
  SELECT workspace_id, SUM(total_issues_fetched) as total
  FROM workspace_tracked_repositories
  GROUP BY workspace_id
  HAVING SUM(total_issues_fetched) > 1000
) active
WHERE wtr.workspace_id = active.workspace_id"""
CLEAN_UP_CACHE = """DELETE FROM workspace_issues_cache
WHERE expires_at < NOW() - INTERVAL '7 days'"""
ARCHIVE_INSERT = """INSERT INTO daily_activity_metrics_archive
SELECT * FROM daily_activity_metrics
WHERE date < NOW() - INTERVAL '90 days'"""
ARCHIVE_DELETE = """DELETE FROM daily_activity_metrics
WHERE date < NOW() - INTERVAL '90 days'"""
STOP_ALL = """UPDATE workspace_tracked_repositories
SET is_active = FALSE
WHERE is_active = TRUE"""
# One block of the runbook: sent whole, as an SQL editor and `psql -c` do, it is one
# transaction, and its shell line an error.
STOP_ALL_BLOCK = f"""--- Disable all workspace syncs
{STOP_ALL};

--- Disable GitHub Action
gh workflow disable capture-workspace-issues.yml"""
DOUBLE_INTERVALS = """UPDATE workspace_tracked_repositories
SET sync_frequency_hours = GREATEST(sync_frequency_hours * 2, 48)
WHERE is_active = TRUE"""
PRO_EVERY_8_HOURS = """UPDATE workspace_tracked_repositories wtr
SET sync_frequency_hours = 8
FROM workspaces w
WHERE wtr.workspace_id = w.id
AND w.tier = 'pro'"""


@contextmanager
def tried(sql: Callable[..., Any], *statements: str) -> Iterator[None]:
    """The platform as it would be after these statements; they are taken back."""
    sql("BEGIN")
    try:
        for statement in statements:
            sql(statement)
        yield
    finally:
        sql("ROLLBACK")
