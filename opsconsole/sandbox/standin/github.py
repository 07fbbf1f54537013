"""GitHub's REST API: the rate limit, the workflow `capture-workspace-issues` and its runs."""

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from opsconsole.sandbox.standin.answers import Answer, Json, Request
from opsconsole.sandbox.standin.faults import Faults
from opsconsole.sandbox.standin.issues import IssuesPage, issues_page
from opsconsole.sandbox.standin.quota import Quota
from opsconsole.sandbox.standin.runs import Run, Runs

WORKFLOW = "capture-workspace-issues.yml"
DEFAULTS = {"workspace_id": "", "hours_back": "24", "limit": "10", "dry_run": "false"}
SCHEDULED = {**DEFAULTS, "limit": "20"}  # what the schedule sends
RETURNS_RUN = "2026-03-10"  # from this API version a dispatch always tells the run
DOCUMENTATION = "https://docs.github.com/rest"

Sync = Callable[[str], Answer]  # the sync function, of the text of a body


class Route(NamedTuple):
    """A method, the rest of a path below /repos/{owner}/{name}/actions, and who answers."""

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
            self._start("schedule", SCHEDULED)

    def _routed(self, request: Request) -> Answer:
        if request.path == "/rate_limit":
            resource = self.quota.resource()
            resources = {"core": resource, "graphql": resource, "search": resource}
            return Answer(200, {"resources": resources, "rate": resource})
        if request.method != "GET" and not request.headers.get("authorization"):
            return _refusal(401, "Requires authentication")
        if not self.quota.spend():
            return _refusal(403, "API rate limit exceeded for user ID 1.")
        rest = re.sub(r"^/repos/[^/]+/[^/]+/actions", "", request.path)
        for route in ROUTES:
            found = re.fullmatch(route.pattern, rest)
            if found and route.method == request.method:
                return route.endpoint(self, request, found.group(1))
        return _refusal(404, "Not Found")

    def workflow(self, request: Request, _: str) -> Answer:
        workflow = {
            "id": 161_335_904,
            "name": "Capture Workspace Issues",
            "path": f".github/workflows/{WORKFLOW}",
            "state": self._state,
            "url": _base(request) + f"/actions/workflows/{WORKFLOW}",
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
            return _refusal(400, "Problems parsing JSON")
        if problem := _dispatch_problem(self._state, wanted.get("ref"), inputs):
            return _refusal(422, problem)
        run = self._start("workflow_dispatch", {**DEFAULTS, **inputs})
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
            return _refusal(404, "Not Found")
        return Answer(200, found.as_json(_base(request)))

    def cancel(self, _: Request, identifier: str) -> Answer:
        found = self._runs.find(int(identifier))
        if found is None:
            return _refusal(404, "Not Found")
        if not self._runs.cancel(found):
            return _refusal(409, "Cannot cancel a workflow run that is completed.")
        return Answer(202, {})

    def _start(self, event: str, inputs: dict[str, str]) -> Run:
        body = _workflow_body(inputs)
        return self._runs.start(event, lambda: self._sync(body).status == 200)


ROUTES = [
    Route("GET", f"/workflows/({WORKFLOW})", GitHub.workflow),
    Route("PUT", f"/workflows/({WORKFLOW})/enable", GitHub.enable),
    Route("PUT", f"/workflows/({WORKFLOW})/disable", GitHub.disable),
    Route("POST", f"/workflows/({WORKFLOW})/dispatches", GitHub.dispatch),
    Route("GET", f"/workflows/({WORKFLOW})/runs", GitHub.runs),
    Route("GET", "(/runs)", GitHub.runs),
    Route("GET", r"/runs/(\d+)", GitHub.run),
    Route("POST", r"/runs/(\d+)/cancel", GitHub.cancel),
]


def _dispatch_problem(state: str, ref: object, inputs: Json) -> str | None:
    """Return why a dispatch is refused."""
    if not ref:
        return 'Invalid request.\n\n"ref" wasn\'t supplied.'
    if ref != "main":
        return f"No ref found for: {ref}"
    if state != "active":
        return "Cannot trigger a 'workflow_dispatch' on a disabled workflow"
    if unknown := [name for name in inputs if name not in DEFAULTS]:
        return f"Unexpected inputs provided: {json.dumps(unknown)}"
    for name in ("hours_back", "limit"):
        value = str(inputs.get(name, DEFAULTS[name]))
        if not value.replace(".", "", 1).isdigit():
            return f"Provided value '{value}' for input '{name}' is not a number"
    return None


def _workflow_body(inputs: dict[str, str]) -> str:
    """Return the body as the workflow pastes it together: nothing is escaped."""
    return (
        f'{{"workspaceId": "{inputs["workspace_id"]}", "hoursBack": {inputs["hours_back"]}, '
        f'"limit": {inputs["limit"]}, "dryRun": {inputs["dry_run"]}}}'
    )


def _base(request: Request) -> str:
    path = request.path.partition("/actions/")[0]
    return f"http://{request.headers.get('host', 'localhost')}{path}"


def _refusal(status: int, message: str) -> Answer:
    details = {"documentation_url": DOCUMENTATION, "status": str(status)}
    return Answer(status, {"message": message, **details})
