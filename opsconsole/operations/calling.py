"""Calls to services outside, made once each: who makes them, and what may come back.

A call is marked as sent before it leaves. If its answer is lost, by a timeout or a crash,
it is never repeated blindly: `settle()` reads the truth first.
"""

from datetime import datetime
from typing import Any, Protocol

Json = dict[str, Any]


class CallFailed(Exception):
    """The service refused; the message is a sentence for the operator."""

    def __init__(self, sentence: str, answer: Json | None = None) -> None:
        super().__init__(sentence)
        self.answer = answer or {}


class AnswerLost(Exception):
    """Nobody knows whether the service did it: a timeout, a broken connection."""


class QuotaSpent(Exception):
    """The service asks us to come back later; not a failure."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class Caller(Protocol):
    """One kind of call. Requests and answers are JSON-able, without secrets."""

    def send(self, request: Json) -> Json:
        """Make the call and answer with what is worth keeping: status, summary, request id.

        The request is the planned one, with the id of the run that makes it as `run`.
        Raises CallFailed, AnswerLost, QuotaSpent.
        """

    def settle(self, request: Json, sent_at: datetime) -> bool | None:
        """After a lost answer: was it done? None if that cannot be found out."""

    def opposite(self, request: Json) -> Json | None:
        """The request that takes this one back; None if there is none."""


CALLERS: dict[str, Caller] = {}


def register(name: str, caller: Caller) -> None:
    """Make a caller known by the name that plans store. Raises ValueError on a second."""
    if name in CALLERS:
        raise ValueError(f"Two callers are called {name!r}.")
    CALLERS[name] = caller
