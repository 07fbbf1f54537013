"""GitHub: the rate limit, the workflow that calls the sync function, its runs, issues.

The quota is that of our own token; the sync function spends another token's.
"""

from urllib.parse import quote
from uuid import UUID

import httpx
from django.conf import settings

from opsconsole.integrations.answers import Fields, Receipt
from opsconsole.integrations.client import Client
from opsconsole.integrations.github_shapes import (
    Dispatched,
    Issue,
    RateLimit,
    Workflow,
    WorkflowRun,
    WorkflowRuns,
)
from opsconsole.integrations.service import Service

SERVICE = Service(
    name="GitHub",
    needs=("GITHUB_TOKEN", "GITHUB_REPOSITORY"),
    token="GITHUB_TOKEN",  # noqa: S106
    rights="fine-grained, with Actions and Issues: read and write",
    status_page="githubstatus.com",
    request_ids=("x-github-request-id",),
)
HEADERS = {
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
}
UNDER_WAY = ("queued", "in_progress")  # a run's status
MOST_RUNS = 100  # on a page of GitHub's lists
LONGEST_TITLE, LONGEST_BODY = 256, 60_000  # characters of an issue


def configured() -> bool:
    return SERVICE.configured()


def client(
    *, timeout: float = 10.0, transport: httpx.BaseTransport | None = None
) -> Client:
    """GitHub with our token; the timeout in seconds. Raises NotConfigured."""
    SERVICE.require()
    return Client(
        SERVICE,
        settings.GITHUB_API,
        settings.GITHUB_TOKEN,
        headers=HEADERS,
        timeout=timeout,
        transport=transport,
    )


def rate_limit(client: Client) -> RateLimit:
    """Costs nothing. Raises ServiceError, as every function here does."""
    core = client.get("/rate_limit").fields().child("resources").child("core")
    return RateLimit(
        limit=core.integer("limit"),
        used=core.integer("used"),
        remaining=core.integer("remaining"),
        reset=core.moment("reset"),
    )


def workflow(client: Client) -> Workflow:
    found = client.get(_workflow()).fields()
    return Workflow(
        id=found.integer("id"),
        name=found.text("name"),
        state=found.text("state"),
        url=found.link("html_url"),
    )


def enable(client: Client) -> Receipt:
    return client.put(f"{_workflow()}/enable").receipt


def disable(client: Client) -> Receipt:
    """Scheduled runs stop, and a dispatch is refused; a run that has begun goes on."""
    return client.put(f"{_workflow()}/disable").receipt


def dispatch(
    client: Client,
    *,
    workspace: UUID | None = None,
    hours_back: int = 24,
    limit: int = 10,
    dry_run: bool = False,
    ref: str = "main",
) -> Dispatched:
    """Start a run; None is all workspaces.

    The workflow pastes its inputs into JSON unescaped, hence types that need no escaping.
    """
    inputs = {
        "workspace_id": str(workspace or ""),
        "hours_back": str(int(hours_back)),
        "limit": str(int(limit)),
        "dry_run": "true" if dry_run else "false",
    }
    body = {"ref": ref, "inputs": inputs, "return_run_details": True}
    answer = client.post(f"{_workflow()}/dispatches", body)
    if not answer.content:  # 204: a GitHub that does not tell
        return Dispatched(None, "", answer.receipt)
    told = answer.fields()
    return Dispatched(
        told.integer("workflow_run_id"), told.link("html_url"), answer.receipt
    )


def runs(
    client: Client,
    *,
    event: str = "",
    status: str = "",
    created: str = "",
    size: int = 30,
    page: int = 1,
) -> WorkflowRuns:
    """The workflow's runs, newest first.

    `status` is a status or a conclusion, `created` a span such as >=2026-01-31T12:00:00Z.
    With a filter GitHub finds 1,000 at most.
    """
    filters = {"event": event, "status": status, "created": created}
    query = {name: value for name, value in filters.items() if value}
    pages = {"per_page": min(size, MOST_RUNS), "page": page}
    found = client.get(f"{_workflow()}/runs", {**query, **pages}).fields()
    listed = tuple(_run(item) for item in found.children("workflow_runs"))
    return WorkflowRuns(found.integer("total_count"), listed)


def underway(client: Client) -> int:
    """How many of the workflow's runs wait or are at work; two requests."""
    return sum(runs(client, status=word, size=1).total for word in UNDER_WAY)


def run(client: Client, identifier: int) -> WorkflowRun:
    """Raises NotFound, too."""
    return _run(client.get(_run_path(identifier)).fields())


def cancel(client: Client, identifier: int) -> Receipt:
    """Ask for an end, which GitHub grants later; Refused with 409 if it has ended.

    What the run has begun in the sync function goes on.
    """
    return client.post(f"{_run_path(identifier)}/cancel", {}).receipt


def create_issue(
    client: Client, title: str, body: str, labels: tuple[str, ...] = ()
) -> Issue:
    """Open an issue in the platform's repository; labels that are missing are made."""
    wanted = {
        "title": title[:LONGEST_TITLE],
        "body": body[:LONGEST_BODY],
        "labels": list(labels),
    }
    answer = client.post(f"{_repository()}/issues", wanted)
    made = answer.fields()
    return Issue(made.integer("number"), made.link("html_url"), answer.receipt)


def _run(found: Fields) -> WorkflowRun:
    return WorkflowRun(
        id=found.integer("id"),
        number=found.integer("run_number"),
        title=found.maybe_text("display_title") or "",
        event=found.text("event"),
        status=found.text("status"),
        conclusion=found.maybe_text("conclusion"),
        created_at=found.moment("created_at"),
        started_at=found.maybe_moment("run_started_at"),
        updated_at=found.moment("updated_at"),
        url=found.link("html_url"),
    )


def _repository() -> str:
    return f"/repos/{settings.GITHUB_REPOSITORY}"


def _workflow() -> str:
    file = quote(settings.GITHUB_WORKFLOW, safe="")
    return f"{_repository()}/actions/workflows/{file}"


def _run_path(identifier: int) -> str:
    return f"{_repository()}/actions/runs/{int(identifier)}"
