"""One request and its answer, bounded in time and size; the token stays unseen.

Each exchange has a connection of its own: calls are rare, and a kept connection that died
meanwhile could not be told from a lost answer.
"""

import logging
import time
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext

import httpx

from opsconsole.integrations.answers import Answer, Receipt
from opsconsole.integrations.errors import Json, NoAnswer, ServiceError, Unavailable
from opsconsole.integrations.redaction import redacted
from opsconsole.integrations.service import Service, is_local

log = logging.getLogger(__name__)

CONNECT = 5.0  # seconds
READS = ("GET ", "OPTIONS ")  # of requests that change nothing
NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


class Bearer(httpx.Auth):
    """A token in the Authorization header; its repr, unlike a header's, hides it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def reveal(self) -> str:
        return self._token

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = f"Bearer {self._token}"
        yield request


@dataclass(frozen=True)
class Exchange:
    """Where requests go, and how."""

    service: Service
    base_url: str
    bearer: Bearer
    headers: dict[str, str]
    timeout: float  # seconds for a whole answer
    transport: httpx.BaseTransport | None

    def send(
        self,
        method: str,
        path: str,
        query: Json | None,
        body: Json | None,
        most: int,
    ) -> Answer:
        """Send once; an answer of any status is an answer, of which `most` bytes are read.

        Raises Unavailable, NoAnswer. Neither holds the request, whose headers are secret.
        """
        request = f"{method} {path}"
        began = time.monotonic()
        lost: Exception | None = None
        try:
            with (
                self._http() as http,
                http.stream(method, path, params=query, json=body) as response,
            ):
                content, whole = _content(response, most, began + self.timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            lost = error
        took = time.monotonic() - began
        if lost:
            raise self._lost(request, lost, took)
        headers = {name.lower(): value for name, value in response.headers.items()}
        receipt = self._receipt(request, response.status_code, headers, took)
        return Answer(self.service, request, headers, content, whole, receipt)

    def _http(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.base_url,
            auth=self.bearer,
            headers=self.headers,
            timeout=httpx.Timeout(self.timeout, connect=min(CONNECT, self.timeout)),
            transport=self.transport,
            trust_env=not is_local(self.base_url),
            verify=_certificates(),
        )

    def _receipt(
        self, request: str, status: int, headers: dict[str, str], took: float
    ) -> Receipt:
        """Status, request id and duration; logged, too."""
        names = self.service.request_ids
        identity = next((headers[name] for name in names if name in headers), "")
        receipt = Receipt(status, redacted(identity, longest=100), round(took * 1000))
        level = logging.INFO if status >= 300 else logging.DEBUG
        log.log(level, "%s: %s gave %s", self.service.name, request, receipt.as_json())
        return receipt

    def _lost(self, request: str, error: Exception, took: float) -> ServiceError:
        """What an exchange without a whole answer means."""
        service = self.service
        why = type(error).__name__  # its text may hold anything
        log.info("%s: %s: %s after %.1f s", service.name, request, why, took)
        if isinstance(error, NOT_SENT):
            sentence = (
                f"{service.name} cannot be reached ({why}). Nothing was done: check the "
                f"network and {service.status_page}, and try again."
            )
            return Unavailable(sentence, service=service.name)
        sentence = f"{service.name} did not answer {request} ({why} after {took:.0f} s)"
        if request.startswith(READS):
            sentence += f". Try again; {service.status_page} tells more."
            return Unavailable(sentence, service=service.name)
        sentence += (
            ": whether it was done is unknown. "
            f"Look at {service.name} before you repeat it."
        )
        return NoAnswer(sentence, service=service.name)


@cache
def _certificates() -> SSLContext:
    """Who signs certificates: reading them takes longer than many a call."""
    return httpx.create_ssl_context()


def _content(
    response: httpx.Response, most: int, deadline: float
) -> tuple[bytes, bool]:
    """The body, and whether it is whole."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > most:
            return bytes(content[:most]), False
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer takes too long")
    return bytes(content), True
