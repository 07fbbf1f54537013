"""The HTTP server in front of the stand-ins: which of them answers a request.

Controls: /_faults (faults.py), POST /_quota {"remaining": n}, POST /_schedule starts a
scheduled run, DELETE /_deploy removes the sync function, POST /_deploy brings it back, GET
/_state tells what is on. No fault hits them.
"""

import json
import threading
import time
from http.server import ThreadingHTTPServer

from opsconsole.sandbox.standin import management, sync_function
from opsconsole.sandbox.standin.answers import REFUSED, Answer, Json, Request
from opsconsole.sandbox.standin.calls import Calls
from opsconsole.sandbox.standin.faults import Fault, FaultError, Faults
from opsconsole.sandbox.standin.github import GitHub
from opsconsole.sandbox.standin.handler import Handler
from opsconsole.sandbox.standin.mishaps import HANG_UP, of_gateway, request_id, typical

OTHERS_IN_BETWEEN = 40  # calls of other workers between two scheduled runs


class Standin(ThreadingHTTPServer):
    """Stands in for GitHub, the platform's functions and their management, at one address."""

    daemon_threads = True

    def __init__(
        self,
        platform_url: str,
        *,
        port: int = 0,
        seed: int = 1,
        queued_for: float = 1.0,
    ) -> None:
        """Listen on localhost; port 0 is any free one, `queued_for` the wait of a run in seconds."""
        super().__init__(("127.0.0.1", port), Handler)
        self.faults = Faults()
        self._calls = Calls()
        self.management = management.Management(self._calls)
        self.github = GitHub(self.faults, self._sync_for_workflow, seed, queued_for)
        self._platform_url = platform_url

    @property
    def address(self) -> str:
        """The base URL, for the platform's as for GitHub's client."""
        return f"http://127.0.0.1:{self.server_port}"

    def keep_schedule(self, seconds: float) -> None:
        """Start a scheduled run again and again, in the background."""
        timer = threading.Timer(seconds, self._scheduled, [seconds])
        timer.daemon = True
        timer.start()

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        if request.path.startswith("/_"):
            return self._controls(request)
        if fault := self.faults.of_endpoint(request.method, request.path):
            return self._failing(request, fault)
        return self._routed(request)

    def _routed(self, request: Request) -> Answer:
        if request.path.startswith("/v1/projects/"):
            return self.management.answer(request)
        if request.path.startswith("/functions/v1/"):
            return self._called(request)
        return self.github.answer(request)

    def _failing(self, request: Request, fault: Fault) -> Answer:
        time.sleep(fault.seconds)
        if fault.status == 0:
            return self._routed(request)
        if fault.done == "all":
            self._routed(request)
        elif fault.done == "half" and request.path == sync_function.PATH:
            url = self._platform_url
            sync_function.answer(request.body, url, self.github, share=0.5)
        if fault.lost:
            return Answer(HANG_UP)
        usual = typical(request.path, fault.status)
        body = usual.body if fault.body is None else fault.body
        return Answer(fault.status, body, {**usual.headers, **fault.headers})

    def _called(self, request: Request) -> Answer:
        began = time.monotonic()
        answer = self._function(request)
        self._calls.add(answer.status, round((time.monotonic() - began) * 1000))
        return answer._replace(headers={**request_id(), **answer.headers})

    def _function(self, request: Request) -> Answer:
        """Do what Supabase's gateway does before the function is called."""
        if request.method == "OPTIONS":
            return Answer(200, "ok", sync_function.CORS)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return of_gateway(401, "Missing authorization header")
        if scheme.lower() != "bearer" or token.startswith("sb_") or token in REFUSED:
            return of_gateway(401)
        slug = request.path.removeprefix("/functions/v1/")
        if slug != management.SYNC or not self.management.has(slug):
            return of_gateway(404)
        return sync_function.answer(request.body, self._platform_url, self.github)

    def _sync_for_workflow(self, body: str) -> Answer:
        """Call the function as the workflow does: through the gateway, and its faults."""
        headers = {"authorization": "Bearer anon"}
        return self.answer(Request("POST", sync_function.PATH, {}, headers, body))

    def _controls(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/_faults":
                return Answer(200, self.faults.listed())
            case "GET", "/_state":
                return Answer(200, self._state())
            case "DELETE", "/_faults":
                self.faults.clear(request.query.get("of", ""))
                return Answer(204)
            case "DELETE", "/_deploy":
                self.management.remove()
                return Answer(204)
            case "POST", "/_faults" | "/_quota" | "/_schedule" | "/_deploy":
                return self._control(request)
        return Answer(404, {"message": "Not Found"})

    def _state(self) -> Json:
        return {
            "faults": self.faults.listed(),
            "quota": self.github.quota.resource(),
            "deployed": self.management.has(management.SYNC),
        }

    def _control(self, request: Request) -> Answer:
        try:
            match request.path:
                case "/_faults":
                    self.faults.add(json.loads(request.body))
                case "/_quota":
                    self.github.quota.leave(int(json.loads(request.body)["remaining"]))
                case "/_schedule":
                    self.github.schedule()
                case "/_deploy":
                    self.management.deploy()
        except (FaultError, ValueError, KeyError, TypeError) as error:
            return Answer(400, {"message": str(error)})
        return Answer(204)

    def _scheduled(self, seconds: float) -> None:
        self.github.quota.drain(OTHERS_IN_BETWEEN)
        self.github.schedule()
        self.keep_schedule(seconds)
