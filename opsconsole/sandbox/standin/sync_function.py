"""The edge function `workspace-issues-sync`: its request, the rows it selects, its answer.

It is as the platform has it, faults included: it reads neither is_active nor archived,
and answers 200 even when every repository failed. What it writes is in sync_rows.
"""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from opsconsole.sandbox.standin.answers import Answer, Json, ScriptError
from opsconsole.sandbox.standin.sync_rows import Issues, SyncRows

PATH = "/functions/v1/workspace-issues-sync"
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
"""  # PostgREST returns at most 1000 rows


def answer(
    body: str, platform_url: str, source: Issues, *, share: float = 1.0
) -> Answer:
    """Run the function once over the platform; `body` is the request's, unchecked.

    With a `share` below 1 it is ended after that part of its rows, as by a time-out.
    """
    try:
        return Answer(200, _run(_parsed(body), platform_url, source, share), CORS)
    except ScriptError as error:
        message = str(error)
    except psycopg.OperationalError as error:
        message = f"Failed to fetch workspace repositories: {error}"
    return Answer(500, {"error": message, "success": False}, CORS)


def _run(request: Json, platform_url: str, source: Issues, share: float) -> Json:
    with psycopg.connect(
        platform_url, autocommit=True, row_factory=dict_row
    ) as platform:
        found = _selected(platform, request)
        if not found:
            return {
                "message": "No workspace repositories need issues sync",
                "synced": 0,
            }
        hours = request.get("hoursBack", 24)
        sync = SyncRows(platform, source, _since(hours), bool(request.get("dryRun")))
        for row in found[: int(share * len(found))]:
            sync.repository(row)
        if share == 1:
            sync.daily_metrics()
    return {
        "success": True,
        "message": f"Synced {sync.synced} issues from {len(sync.results)} repositories",
        "totalApiCalls": sync.calls,
        "hoursBack": hours,
        "results": sync.results,
    }


def _parsed(body: str) -> Json:
    try:
        request = json.loads(body)
    except ValueError:
        token = (
            f"Unexpected token '{body.strip()[:1]}', \"{body[:20]}\" is not valid JSON"
        )
        message = token if body.strip() else "Unexpected end of JSON input"
        raise ScriptError(message) from None
    if request is None:
        raise ScriptError("Cannot destructure '(intermediate value)' as it is null.")
    return request if isinstance(request, dict) else {}


def _selected(platform: psycopg.Connection[DictRow], request: Json) -> list[DictRow]:
    """Return what is due, whether active or not; a false workspaceId means all."""
    parameters = {
        "now": datetime.now(UTC),
        "workspace": request.get("workspaceId") or None,
        "limit": json.dumps(request.get("limit", 10)).strip('"'),
    }
    try:
        return platform.execute(SELECTION, parameters).fetchall()
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error)
        message = f"Failed to fetch workspace repositories: {reason}"
        raise ScriptError(message) from error


def _since(hours: Any) -> datetime:
    """Return the start of the window, with the numbers JavaScript makes of other values."""
    try:
        return datetime.now(UTC) - timedelta(hours=math.trunc(float(hours or 0)))
    except (TypeError, ValueError, OverflowError):
        raise ScriptError("Invalid time value") from None
