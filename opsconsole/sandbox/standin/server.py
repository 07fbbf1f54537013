"""The HTTP server in front of the stand-ins: which of them answers a request."""

import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from opsconsole.sandbox.standin import sync_function
from opsconsole.sandbox.standin.answers import Answer, Request
from opsconsole.sandbox.standin.faults import FaultError, Faults
from opsconsole.sandbox.standin.github import GitHub

logger = logging.getLogger(__name__)


class Standin(ThreadingHTTPServer):
    """Stands in for GitHub and for the platform's functions, at one address."""

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
            time.sleep(fault.seconds)
            return Answer(fault.status, fault.body, fault.headers)
        if request.path.startswith("/functions/v1/"):
            return self._function(request)
        return self.github.answer(request)

    def _function(self, request: Request) -> Answer:
        """Do what Supabase's gateway does before the function is called."""
        if request.method == "OPTIONS":
            return Answer(200, "ok", sync_function.CORS)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return Answer(401, {"code": 401, "message": "Missing authorization header"})
        if scheme.lower() != "bearer" or token.startswith("sb_"):
            return Answer(401, {"code": 401, "message": "Invalid JWT"})
        if request.path != sync_function.PATH:
            message = "Requested function was not found"
            return Answer(404, {"code": "NOT_FOUND", "message": message})
        return sync_function.answer(request.body, self._platform_url, self.github)

    def _sync_for_workflow(self, body: str) -> Answer:
        """Call the function as the workflow does: through the gateway, and its faults."""
        headers = {"authorization": "Bearer anon"}
        return self.answer(Request("POST", sync_function.PATH, {}, headers, body))

    def _controls(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/_faults":
                return Answer(200, self.faults.listed())
            case "DELETE", "/_faults":
                self.faults.clear()
                return Answer(204)
            case "POST", "/_faults" | "/_quota" | "/_schedule":
                return self._control(request)
        return Answer(404, {"message": "Not Found"})

    def _control(self, request: Request) -> Answer:
        try:
            match request.path:
                case "/_faults":
                    self.faults.add(json.loads(request.body))
                case "/_quota":
                    self.github.quota.leave(int(json.loads(request.body)["remaining"]))
                case "/_schedule":
                    self.github.schedule()
        except (FaultError, ValueError, KeyError, TypeError) as error:
            return Answer(400, {"message": str(error)})
        return Answer(204)

    def _scheduled(self, seconds: float) -> None:
        self.github.schedule()
        self.keep_schedule(seconds)


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into a Request and an Answer into HTTP."""

    protocol_version = "HTTP/1.1"
    server: Standin

    def serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length).decode(errors="replace"),
        )
        try:
            self._send(self.server.answer(request))
        except BrokenPipeError:
            logger.info("%s %s: the client is gone", request.method, request.path)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        headers = {"content-type": "application/json", **answer.headers}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        content = _encoded(answer.body)
        if answer.status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)


def _encoded(body: object) -> bytes:
    if body is None:
        return b""
    text = body if isinstance(body, str) else json.dumps(body, default=str)
    return text.encode()
