"""The edge function `workspace-issues-sync`: the rows it selects, and what it writes.

It is as the platform has it, faults included: it reads neither is_active nor archived,
leaves a row alone unless there was a real issue or an exception, keeps old errors and
attempts after a success, and answers 200 even when every repository failed.
"""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from opsconsole.sandbox.standin.answers import Answer
from opsconsole.sandbox.standin.issues import FetchError, IssuesPage

PATH = "/functions/v1/workspace-issues-sync"
MOST_PAGES = 5  # of 100 items, for one repository
CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "authorization, x-client-info, apikey, content-type",
}

SELECTION = """
SELECT link.workspace_id, link.tracked_repository_id, link.sync_frequency_hours,
       link.sync_attempts, workspace.name AS workspace, workspace.tier,
       repository.id AS repository_id, repository.full_name, repository.has_issues
FROM workspace_tracked_repositories link
JOIN workspaces workspace ON workspace.id = link.workspace_id
JOIN tracked_repositories tracked ON tracked.id = link.tracked_repository_id
JOIN repositories repository ON repository.id = tracked.repository_id
WHERE link.fetch_issues = true AND link.next_sync_at <= %(now)s
  AND (%(workspace)s::text IS NULL OR link.workspace_id = %(workspace)s::text::uuid)
ORDER BY link.priority_score DESC
LIMIT least(%(limit)s::text::bigint, 1000)
"""
SUCCEEDED = """
UPDATE workspace_tracked_repositories
SET last_sync_at = %(now)s, next_sync_at = %(next)s, last_sync_status = 'success',
    total_issues_fetched = %(count)s
WHERE workspace_id = %(workspace)s AND tracked_repository_id = %(tracked)s
"""
FAILED = """
UPDATE workspace_tracked_repositories
SET last_sync_at = %(now)s, last_sync_status = 'failed', last_sync_error = %(error)s,
    sync_attempts = %(attempts)s
WHERE workspace_id = %(workspace)s AND tracked_repository_id = %(tracked)s
"""
CONTRIBUTOR = """
INSERT INTO contributors (github_id, username, avatar_url, profile_url, is_bot, is_active,
                          first_seen_at, last_updated_at)
VALUES (%(id)s, %(login)s, %(avatar_url)s, %(profile)s, %(bot)s, true, %(now)s, %(now)s)
ON CONFLICT (github_id) DO UPDATE
SET username = excluded.username, avatar_url = excluded.avatar_url,
    is_bot = excluded.is_bot, first_seen_at = excluded.first_seen_at,
    last_updated_at = excluded.last_updated_at
RETURNING id
"""
ISSUE = """
INSERT INTO issues (github_id, repository_id, number, title, body, state, author_id, created_at,
                    updated_at, closed_at, labels, assignees, milestone, comments_count,
                    is_pull_request)
VALUES (%(id)s, %(repository)s, %(number)s, %(title)s, %(body)s, %(state)s, %(author)s,
        %(created_at)s, %(updated_at)s, %(closed_at)s, %(labels)s, %(assignees)s, %(milestone)s,
        %(comments)s, false)
ON CONFLICT (github_id) DO UPDATE
SET title = excluded.title, body = excluded.body, state = excluded.state,
    updated_at = excluded.updated_at, closed_at = excluded.closed_at,
    labels = excluded.labels, comments_count = excluded.comments_count
"""
METRICS = """
INSERT INTO daily_activity_metrics (repository_id, date, issues_opened, updated_at)
SELECT id, %(today)s, %(count)s, %(now)s FROM repositories WHERE full_name = %(name)s
ON CONFLICT (repository_id, date) DO UPDATE
SET issues_opened = excluded.issues_opened, updated_at = excluded.updated_at
"""


class Issues(Protocol):
    """Where the function gets a page of a repository's issues."""

    def issues(self, full_name: str, since: datetime, number: int) -> IssuesPage: ...


class ScriptError(Exception):
    """The function threw outside its loop: everything ends with status 500."""
