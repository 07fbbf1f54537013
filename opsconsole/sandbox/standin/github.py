"""GitHub's REST API: the rate limit, the workflow `capture-workspace-issues`, its runs, issues."""

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from opsconsole.sandbox.standin import dispatches
from opsconsole.sandbox.standin.answers import REFUSED, Answer, Json, Request, iso
from opsconsole.sandbox.standin.faults import Faults
from opsconsole.sandbox.standin.issues import IssuesPage, issues_page
from opsconsole.sandbox.standin.mishaps import of_github
from opsconsole.sandbox.standin.quota import Quota
from opsconsole.sandbox.standin.runs import Run, Runs

FIRST_ISSUE = 4_711
WORKFLOW = "capture-workspace-issues.yml"
RETURNS_RUN = "2026-03-10"  # from this API version a dispatch always tells the run

Sync = Callable[[str], Answer]  # the sync function, of the text of a body


class Route(NamedTuple):
    """A method, the rest of a path below /repos/{owner}/{name}, and who answers."""

    method: str
    pattern: str
    endpoint: "Callable[[GitHub, Request, str], Answer]"


class GitHub:
    """One GitHub, with one token and the platform's repository."""

    def __init__(
        self, faults: Faults, sync: Sync, seed: int, queued_for: float
    ) -> None:
        self.quota = Quota()
        self._faults = faults
        self._sync = sync
        self._seed = seed
        self._runs = Runs(seed, queued_for)
        self._lock = threading.Lock()
        self._state = "active"
        self.opened: list[Json] = []  # of the platform's own repository

    def issues(self, full_name: str, since: datetime, number: int) -> IssuesPage:
        """Return a page of a repository's issues to the sync function, at the price of a call."""
        if not self.quota.spend():
            return IssuesPage(403, [], more=False)
        fault = self._faults.of_repository(full_name)
        return issues_page(full_name, since, number, seed=self._seed, fault=fault)

    def answer(self, request: Request) -> Answer:
        """Answer a request of the API, with the headers that GitHub always sends."""
        answer = self._routed(request)
        resource = self.quota.resource()
        limits = {f"x-ratelimit-{name}": str(value) for name, value in resource.items()}
        limits["x-ratelimit-resource"] = "core"
        identity = {"x-github-request-id": f"SANDBOX:{time.monotonic_ns():X}"}
        return answer._replace(headers={**limits, **identity, **answer.headers})

    def schedule(self) -> None:
        """Start a run as the schedule does, unless the workflow is disabled."""
        if self._state == "active":
            self._start("schedule", dispatches.SCHEDULED)

    def _routed(self, request: Request) -> Answer:
        if request.headers.get("authorization", "no token")[7:] in REFUSED:
            return of_github(401, "Bad credentials")
        if request.path == "/rate_limit":
            resource = self.quota.resource()
            resources = {"core": resource, "graphql": resource, "search": resource}
            return Answer(200, {"resources": resources, "rate": resource})
        if request.method != "GET" and not request.headers.get("authorization"):
            return of_github(401, "Requires authentication")
        if not self.quota.spend():
            return of_github(403, "API rate limit exceeded for user ID 1.")
        rest = re.sub(r"^/repos/[^/]+/[^/]+", "", request.path)
        for route in ROUTES:
            found = re.fullmatch(route.pattern, rest)
            if found and route.method == request.method:
                return route.endpoint(self, request, found.group(1))
        return of_github(404, "Not Found")

    def workflow(self, request: Request, _: str) -> Answer:
        workflow = {
            "id": 161_335_904,
            "name": "Capture Workspace Issues",
            "path": f".github/workflows/{WORKFLOW}",
            "state": self._state,
            "url": _base(request) + f"/actions/workflows/{WORKFLOW}",
            "html_url": _base(request) + f"/blob/main/.github/workflows/{WORKFLOW}",
        }
        return Answer(200, workflow)

    def enable(self, _: Request, __: str) -> Answer:
        with self._lock:
            self._state = "active"
        return Answer(204)

    def disable(self, _: Request, __: str) -> Answer:
        with self._lock:
            self._state = "disabled_manually"
        return Answer(204)

    def dispatch(self, request: Request, _: str) -> Answer:
        try:
            wanted = json.loads(request.body)
            inputs = wanted.get("inputs", {})
        except (ValueError, AttributeError):
            return of_github(400, "Problems parsing JSON")
        if problem := dispatches.problem(self._state, wanted.get("ref"), inputs):
            return of_github(422, problem)
        run = self._start("workflow_dispatch", {**dispatches.DEFAULTS, **inputs})
        newer = request.headers.get("x-github-api-version", "") >= RETURNS_RUN
        if not (wanted.get("return_run_details") or newer):
            return Answer(204)
        told = run.as_json(_base(request))
        urls = {"run_url": told["url"], "html_url": told["html_url"]}
        return Answer(200, {"workflow_run_id": run.id, **urls})

    def runs(self, request: Request, _: str) -> Answer:
        found = self._runs.matching(request.query)
        size = min(100, int(request.query.get("per_page", 30)))
        start = size * (int(request.query.get("page", 1)) - 1)
        shown = [run.as_json(_base(request)) for run in found[start : start + size]]
        return Answer(200, {"total_count": len(found), "workflow_runs": shown})

    def run(self, request: Request, identifier: str) -> Answer:
        found = self._runs.find(int(identifier))
        if found is None:
            return of_github(404, "Not Found")
        return Answer(200, found.as_json(_base(request)))

    def cancel(self, _: Request, identifier: str) -> Answer:
        found = self._runs.find(int(identifier))
        if found is None:
            return of_github(404, "Not Found")
        if not self._runs.cancel(found):
            return of_github(409, "Cannot cancel a workflow run that is completed.")
        return Answer(202, {})

    def create_issue(self, request: Request, _: str) -> Answer:
        try:
            wanted = json.loads(request.body)
            title = wanted["title"]
        except (ValueError, KeyError, TypeError):
            return of_github(422, "Validation Failed: title wasn't supplied")
        labels = [{"name": str(name)} for name in wanted.get("labels") or []]
        with self._lock:
            number = FIRST_ISSUE + len(self.opened)
            address = f"{_base(request)}/issues/{number}"
            issue = {
                "number": number,
                "title": title,
                "body": wanted.get("body"),
                "state": "open",
                "labels": labels,
                "created_at": iso(datetime.now(UTC)),
                "url": address,
                "html_url": address,
            }
            self.opened.insert(0, issue)
        return Answer(201, issue)

    def created_issues(self, _: Request, __: str) -> Answer:
        return Answer(200, self.opened)

    def _start(self, event: str, inputs: dict[str, str]) -> Run:
        body = dispatches.body(inputs)
        return self._runs.start(event, lambda: self._sync(body).status == 200)


ROUTES = [
    Route("GET", f"/actions/workflows/({WORKFLOW})", GitHub.workflow),
    Route("PUT", f"/actions/workflows/({WORKFLOW})/enable", GitHub.enable),
    Route("PUT", f"/actions/workflows/({WORKFLOW})/disable", GitHub.disable),
    Route("POST", f"/actions/workflows/({WORKFLOW})/dispatches", GitHub.dispatch),
    Route("GET", f"/actions/workflows/({WORKFLOW})/runs", GitHub.runs),
    Route("GET", "(/actions/runs)", GitHub.runs),
    Route("GET", r"/actions/runs/(\d+)", GitHub.run),
    Route("POST", r"/actions/runs/(\d+)/cancel", GitHub.cancel),
    Route("POST", "(/issues)", GitHub.create_issue),
    Route("GET", "(/issues)", GitHub.created_issues),
]


def _base(request: Request) -> str:
    path = re.split("/actions/|/issues", request.path)[0]
    return f"http://{request.headers.get('host', 'localhost')}{path}"
