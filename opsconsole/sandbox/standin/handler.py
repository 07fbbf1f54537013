"""HTTP: a request as bytes into a Request, an Answer into bytes."""

import json
import logging
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from opsconsole.sandbox.standin.answers import Answer, Request
from opsconsole.sandbox.standin.mishaps import HANG_UP

logger = logging.getLogger(__name__)


class Answering(Protocol):
    """The server that a handler belongs to."""

    def answer(self, request: Request) -> Answer: ...


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into a Request and an Answer into HTTP."""

    protocol_version = "HTTP/1.1"
    server: "Answering"  # type: ignore[assignment]

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
        except ConnectionError:
            logger.info("%s %s: the client is gone", request.method, request.path)

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.status == HANG_UP:
            self.close_connection = True
            return
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
