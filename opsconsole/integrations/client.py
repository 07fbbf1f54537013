"""A service's client: what is repeated, how often, and what a refusal means.

Only GET is repeated: a write whose answer is lost may have been done.
"""

import itertools
import json
import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
from django.utils import timezone

from opsconsole.integrations.answers import Answer
from opsconsole.integrations.errors import Json, QuotaSpent, ServiceError, Unavailable
from opsconsole.integrations.exchange import READS, Bearer, Exchange
from opsconsole.integrations.redaction import redacted
from opsconsole.integrations.refusals import Refusal, judged
from opsconsole.integrations.service import Service

TIMEOUT = 10.0  # seconds for a whole answer
TRIES = 3  # of a GET
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 2.0  # seconds; the pause is drawn from 0 to that
PATIENCE = 3.0  # seconds that a GET waits for a quota itself
MOST_BYTES = 5_000_000  # of an answer
SAID = ("message", "error", "msg")  # where a refusal's words are
Judge = Callable[[Refusal, datetime], ServiceError]


class Client:
    """A service at an address, with a token that nobody sees."""

    def __init__(
        self,
        service: Service,
        base_url: str,
        token: str,
        *,
        timeout: float = TIMEOUT,  # seconds
        headers: dict[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        judge: Judge = judged,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"user-agent": "opsconsole", **(headers or {})}
        bearer = Bearer(token)
        self._exchange = Exchange(
            service, base_url, bearer, headers, timeout, transport
        )
        self._judge = judge
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"<Client of {self._exchange.service.name} at {self._exchange.base_url}>"

    def get(
        self, path: str, query: Json | None = None, *, most: int = MOST_BYTES
    ) -> Answer:
        """Read, up to TRIES times within twice the timeout. Raises ServiceError."""
        began = time.monotonic()
        for tried in itertools.count(1):
            try:
                return self._once("GET", path, query=query, most=most)
            except (Unavailable, QuotaSpent) as error:
                pause = _pause(error, tried)
                passed = time.monotonic() - began
                if pause is None or passed + pause > self._exchange.timeout:
                    raise
                self._sleep(pause)
        raise AssertionError  # never: the count has no end

    def options(self, path: str) -> Answer:
        """Ask once what may be asked there; changes nothing. Raises ServiceError."""
        return self._once("OPTIONS", path)

    def post(self, path: str, body: Json) -> Answer:
        """Send once. Raises ServiceError; after NoAnswer it may have been done."""
        return self._once("POST", path, body=body)

    def put(self, path: str) -> Answer:
        """Send once, without a body. Raises as `post` does."""
        return self._once("PUT", path)

    def delete(self, path: str) -> Answer:
        """Send once. Raises as `post` does."""
        return self._once("DELETE", path)

    def _once(
        self,
        method: str,
        path: str,
        query: Json | None = None,
        body: Json | None = None,
        most: int = MOST_BYTES,
    ) -> Answer:
        answer = self._exchange.send(method, path, query, body, most)
        if answer.status >= 300:
            raise self._judge(self._refusal(answer), timezone.now())
        if not answer.whole:
            answer.not_understood(f"it is larger than {most // 1_000_000} MB")
        return answer

    def _refusal(self, answer: Answer) -> Refusal:
        token = self._exchange.bearer.reveal()
        body = _parsed(answer.content)
        said = next((body[key] for key in SAID if _is_text(body, key)), "")
        code = body["code"] if _is_text(body, "code") else ""
        return Refusal(
            answer,
            said=redacted(said, token),
            code=redacted(answer.headers.get(answer.service.code, code), token, 60),
            body=body,
            reads=answer.request.startswith(READS),
        )


def _pause(error: ServiceError, tried: int) -> float | None:
    """Seconds until the next try of a GET; None for no more."""
    if tried >= TRIES:
        return None
    if isinstance(error, QuotaSpent):
        wait = (error.until - timezone.now()).total_seconds()
        return max(wait, 0.0) if wait <= PATIENCE else None
    most = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tried - 1))
    return random.uniform(0, most)  # noqa: S311


def _parsed(content: bytes) -> Any:
    """The JSON of a refusal; None for a page of HTML, which says nothing."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _is_text(body: Any, key: str) -> bool:
    return isinstance(body, dict) and isinstance(body.get(key), str)
