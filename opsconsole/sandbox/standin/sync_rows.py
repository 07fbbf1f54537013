"""What `workspace-issues-sync` does with each row it selected.

A row is written only after a real issue or an exception. A refusal on the first page, an
empty page, pull requests alone, a dry run and has_issues = false leave it as it is, so it
is selected again. A success clears neither the old error nor the attempts, and an
exception does not move next_sync_at.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import psycopg
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from opsconsole.sandbox.standin.answers import Json, ScriptError
from opsconsole.sandbox.standin.issues import IssuesPage

MOST_PAGES = 5  # of 100 items, for one repository

SUCCEEDED = """
UPDATE workspace_tracked_repositories
SET last_sync_at = %(now)s, next_sync_at = %(next)s, last_sync_status = 'success',
    total_issues_fetched = %(count)s
WHERE workspace_id = %(workspace_id)s AND tracked_repository_id = %(tracked_repository_id)s
"""
FAILED = """
UPDATE workspace_tracked_repositories
SET last_sync_at = %(now)s, last_sync_status = 'failed', last_sync_error = %(error)s,
    sync_attempts = %(attempts)s
WHERE workspace_id = %(workspace_id)s AND tracked_repository_id = %(tracked_repository_id)s
"""
CONTRIBUTOR = """
INSERT INTO contributors (github_id, username, avatar_url, profile_url, is_bot, is_active,
                          first_seen_at, last_updated_at)
VALUES (%(id)s, %(login)s, %(avatar_url)s, 'https://github.com/' || %(login)s,
        %(type)s = 'Bot', true, %(now)s, %(now)s)
ON CONFLICT (github_id) DO UPDATE
SET username = excluded.username, avatar_url = excluded.avatar_url,
    profile_url = excluded.profile_url, is_bot = excluded.is_bot, is_active = true,
    first_seen_at = excluded.first_seen_at, last_updated_at = excluded.last_updated_at
RETURNING id
"""  # first_seen_at is lost each time, as in production
ISSUE = """
INSERT INTO issues (github_id, repository_id, number, title, body, state, author_id,
                    created_at, updated_at, closed_at, labels, assignees, milestone,
                    comments_count, is_pull_request)
VALUES (%(id)s, %(repository_id)s, %(number)s, %(title)s, %(body)s, %(state)s, %(author_id)s,
        %(created_at)s, %(updated_at)s, %(closed_at)s, %(labels)s, %(assignees)s,
        %(milestone)s, %(comments)s, false)
ON CONFLICT (github_id) DO UPDATE
SET repository_id = excluded.repository_id, number = excluded.number,
    title = excluded.title, body = excluded.body, state = excluded.state,
    author_id = excluded.author_id, created_at = excluded.created_at,
    updated_at = excluded.updated_at, closed_at = excluded.closed_at,
    labels = excluded.labels, assignees = excluded.assignees,
    milestone = excluded.milestone, comments_count = excluded.comments_count
"""
METRICS = """
INSERT INTO daily_activity_metrics (repository_id, date, issues_opened, updated_at)
SELECT id, %(date)s, %(count)s, %(now)s FROM repositories WHERE full_name = %(name)s
ON CONFLICT (repository_id, date) DO UPDATE
SET issues_opened = excluded.issues_opened, updated_at = excluded.updated_at
"""  # overwrites the day's number with the last run's


class Issues(Protocol):
    """Where the function gets a page of a repository's issues. Raises ScriptError."""

    def issues(self, full_name: str, since: datetime, number: int) -> IssuesPage: ...


class SyncRows:
    """One run of the function: what it writes to the platform, and what it did so far.

    `platform` commits by itself, as each request to PostgREST does.
    """

    def __init__(
        self,
        platform: psycopg.Connection[DictRow],
        source: Issues,
        since: datetime,
        dry_run: bool,
    ) -> None:
        self.results: list[Json] = []
        self.synced = 0
        self.calls = 0  # to GitHub
        self._platform = platform
        self._source = source
        self._since = since
        self._dry_run = dry_run

    def repository(self, row: DictRow) -> None:
        """Sync one selected row; one without issues has used its place for nothing."""
        if not row["has_issues"]:
            return
        try:
            result = self._synced(row)
        except ScriptError as error:
            attempts = (row["sync_attempts"] or 0) + 1
            self._write(FAILED, **row, error=str(error), attempts=attempts)
            result = {"success": False, "error": str(error)}
        if result is not None:
            self.results.append({"repository": row["full_name"], **result})

    def daily_metrics(self) -> None:
        """Write today's number of every repository that brought something."""
        today = datetime.now(UTC).date()
        for result in self.results:
            if result.get("issuesSynced"):
                name, count = result["repository"], result["issuesSynced"]
                self._write(METRICS, name=name, count=count, date=today)

    def _synced(self, row: DictRow) -> Json | None:
        """Return the result to report, or None where the function is silent."""
        pages = self._pages(row["full_name"])
        if pages[0].status != 200:
            return {"success": False, "error": f"GitHub API returned {pages[0].status}"}
        items = [item for page in pages for item in page.items]
        if not items:
            return None
        found = [item for item in items if "pull_request" not in item]
        result = {"success": True, "issuesFound": len(found), "issuesSynced": 0}
        if not found:
            return result
        if self._dry_run:
            return {**result, "dryRun": True}
        count = sum(self._store(issue, row["repository_id"]) for issue in found)
        self.synced += count
        following = datetime.now(UTC) + timedelta(
            hours=row["sync_frequency_hours"] or 24
        )
        self._write(SUCCEEDED, **row, next=following, count=count)
        place = {"workspace": row["workspace"], "tier": row["tier"]}
        return {**place, **result, "issuesSynced": count}

    def _pages(self, full_name: str) -> list[IssuesPage]:
        """Fetch until the end, the fifth page, or a refusal, which comes last."""
        pages: list[IssuesPage] = []
        while len(pages) < MOST_PAGES and (not pages or pages[-1].more):
            self.calls += 1
            pages.append(self._source.issues(full_name, self._since, len(pages) + 1))
        return pages

    def _store(self, issue: Json, repository_id: str) -> bool:
        """Upsert an issue and its author; tell whether the issue was stored."""
        authors = self._write(CONTRIBUTOR, **issue["user"])
        if issue["assignees"] is None:
            raise ScriptError("Cannot read properties of null (reading 'map')")
        details = {
            "repository_id": repository_id,
            "author_id": authors[0]["id"] if authors else None,
            "labels": Jsonb(issue["labels"]),
            "assignees": Jsonb(issue["assignees"]),
            "milestone": issue["milestone"] and Jsonb(issue["milestone"]),
        }
        return self._write(ISSUE, **{**issue, **details}) is not None

    def _write(self, statement: str, **values: Any) -> list[DictRow] | None:
        """Return the rows a write returns; None after an error, which the function only logs."""
        now = datetime.now(UTC)
        try:
            cursor = self._platform.execute(statement, {**values, "now": now})
        except psycopg.Error:
            return None
        return cursor.fetchall() if cursor.description else []
