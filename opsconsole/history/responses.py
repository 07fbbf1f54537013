"""What the sync function answered, kept: errors of GitHub stand nowhere else.

Source: `workspace-issues-sync`. The answer is JSON in one of these shapes:

- a run: {success: true, message, totalApiCalls, hoursBack, results: [...]}, where a result
  is {repository, success: true, issuesFound, issuesSynced}, with workspace and tier if
  issues were written and dryRun in a dry run, or {repository, success: false, error};
- nothing due: {message, synced: 0};
- a failure, HTTP 500: {error, success: false};
- the gateway's own: {code, message}.

Nothing of that is certain: whatever has another type is left out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from opsconsole.history.models import FunctionResponse, RepositoryResult

LONGEST = 500  # characters of a message or an error
LONGEST_NAME = 200  # characters of a repository's or a workspace's name
MOST = 1_000  # results; PostgREST gives the function no more rows
LARGEST = 2**31 - 1  # of an integer column
SILENT = "No answer in time: what was done is unknown."
UNREADABLE = "The answer is not what the function gives."
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # in PostgreSQL's text


def keep(
    body: object,
    *,
    at: datetime,
    took: timedelta,
    status: int | None,
    workspace_id: UUID | None,
    limit: int,
    hours_back: int,
    dry_run: bool,
    run_id: int | None = None,
) -> FunctionResponse:
    """Store an answer as far as it can be understood, and what it says of each repository.

    `body` is the parsed JSON, None where there was none; `status` is None without an
    answer; `at` is when the call ended. Never raises for what the answer holds.
    """
    answer = body if isinstance(body, dict) else {}
    response = FunctionResponse(
        at=at,
        took=took,
        run_id=run_id,
        workspace_id=workspace_id,
        limit=limit,
        hours_back=hours_back,
        dry_run=dry_run,
        status=status,
        message=_message(answer, status),
        calls=_number(answer.get("totalApiCalls")),
    )
    results = list(_results(answer, response))
    response.named = len(results)
    response.refused = sum(not result.success for result in results)
    with transaction.atomic():
        response.save()
        RepositoryResult.objects.bulk_create(results)
    return response


def newest(limit: int = 10) -> list[FunctionResponse]:
    return list(FunctionResponse.objects.all()[:limit])


def naming(full_name: str, limit: int = 10) -> list[RepositoryResult]:
    """What the newest answers say of one repository, with their response."""
    return _newest(RepositoryResult.objects.filter(repository=full_name), limit)


def of_run(run_id: int, limit: int = 50) -> list[RepositoryResult]:
    """What the function said in answer to a run's calls, refusals first."""
    results = RepositoryResult.objects.filter(response__run_id=run_id)
    ordered = results.select_related("response").order_by("success", "repository", "pk")
    return list(ordered[:limit])


def of_workspace(workspace: UUID, name: str, limit: int = 10) -> list[RepositoryResult]:
    """What the newest answers say of one workspace's repositories, with their response.

    Calls for this workspace alone, and results that bear its name: the function gives no
    id, and a refused repository no workspace.
    """
    called = Q(response__workspace_id=workspace)
    named = Q(response__workspace_id=None, workspace=name) if name else Q()
    return _newest(RepositoryResult.objects.filter(called | named), limit)


def _newest(results: QuerySet[RepositoryResult], limit: int) -> list[RepositoryResult]:
    return list(results.select_related("response").order_by("-at", "-pk")[:limit])


def _message(answer: dict[Any, Any], status: int | None) -> str:
    if status is None:
        return SILENT
    said = _text(answer.get("error")) or _text(answer.get("message"))
    return said or UNREADABLE


def _results(
    answer: dict[Any, Any], response: FunctionResponse
) -> Iterator[RepositoryResult]:
    """The results that name a repository; all others say nothing that could be used."""
    listed = answer.get("results")
    results: Iterable[Any] = listed[:MOST] if isinstance(listed, list) else ()
    for result in results:
        if not isinstance(result, dict):
            continue
        name = _text(result.get("repository"), LONGEST_NAME)
        if name:
            yield RepositoryResult(
                response=response,
                at=response.at,
                repository=name,
                workspace=_text(result.get("workspace"), LONGEST_NAME),
                success=result.get("success") is True,
                error=_text(result.get("error")),
                issues_found=_number(result.get("issuesFound")),
                issues_synced=_number(result.get("issuesSynced")),
            )


def _text(value: object, longest: int = LONGEST) -> str:
    """A text as PostgreSQL can store it; empty for anything else."""
    return UNSTORABLE.sub("\ufffd", value[:longest]) if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    """A whole number that fits a column; None for anything else."""
    fits = isinstance(value, int) and not isinstance(value, bool)
    return value if fits and 0 <= value <= LARGEST else None  # type: ignore[return-value,operator]
