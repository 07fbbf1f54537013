"""From an answer that is not a success to the error it means, with its sentence."""

from datetime import datetime
from typing import Any, NamedTuple

from opsconsole.integrations.answers import Answer
from opsconsole.integrations.errors import (
    NoAnswer,
    NotFound,
    QuotaSpent,
    Refused,
    ServiceError,
    Unavailable,
    WrongToken,
)
from opsconsole.integrations.quota import spent_until
from opsconsole.integrations.service import variable


class Refusal(NamedTuple):
    """An answer that is not a success, with what the service says of it."""

    answer: Answer
    said: str  # its message, redacted; empty without one
    code: str  # its own word for the error; empty without one
    body: Any  # its JSON; None where it is none
    reads: bool  # the request changed nothing

    @property
    def details(self) -> dict[str, Any]:
        """What every error of this answer has."""
        return {
            "service": self.answer.service.name,
            "status": self.answer.status,
            "code": self.code,
            "said": self.said,
            "request_id": self.answer.receipt.request_id,
        }

    @property
    def quoted(self) -> str:
        return f" It says: “{self.said}”." if self.said else ""


def judged(refusal: Refusal, now: datetime) -> ServiceError:
    """The error that HTTP's status means, whatever the service."""
    status = refusal.answer.status
    if spent := quota_spent(refusal, now):
        return spent
    if status >= 500:
        return _broken(refusal)
    if status in (401, 403):
        return _wrong_token(refusal)
    return _refused(refusal)


def quota_spent(refusal: Refusal, now: datetime) -> QuotaSpent | None:
    """The error of a quota that is used up, if it is that."""
    answer = refusal.answer
    until = spent_until(answer.status, answer.headers, refusal.said, now)
    if until is None:
        return None
    sentence = (
        f"{answer.service.name} lets us make no more calls until {until:%H:%M:%S} UTC. "
        "Wait for that; nothing was done."
    )
    return QuotaSpent(sentence, until=until, **refusal.details)


def _wrong_token(refusal: Refusal) -> WrongToken:
    service = refusal.answer.service
    name = variable(service.token)
    if refusal.answer.status == 401:
        sentence = (
            f"{service.name} does not accept the token in {name}: it is wrong or has expired. "
            f"Set a new one ({service.rights}) and restart the console."
        )
    else:
        sentence = (
            f"{service.name} does not let the token in {name} do {refusal.answer.request}: "
            f"it must be {service.rights}.{refusal.quoted}"
        )
    return WrongToken(sentence, **refusal.details)


def _refused(refusal: Refusal) -> Refused:
    answer = refusal.answer
    service = answer.service
    if answer.status == 404:
        names = ", ".join(variable(name) for name in service.needs)
        sentence = (
            f"{service.name} has nothing at {answer.request}, or hides it from this token. "
            f"Check {names}.{refusal.quoted}"
        )
        return NotFound(sentence, **refusal.details)
    what = "has moved" if answer.status < 400 else "refused"
    sentence = (
        f"{service.name} {what} {answer.request} ({answer.status}).{refusal.quoted} "
        "Nothing was done: put that right and try again."
    )
    return Refused(sentence, **refusal.details)


def _broken(refusal: Refusal) -> ServiceError:
    """Only 503 says that a request was not taken; the others may follow work."""
    answer = refusal.answer
    service = answer.service
    if refusal.reads or answer.status == 503:
        sentence = (
            f"{service.name} is out of order at the moment ({answer.status}). Nothing was "
            f"done: try again in some minutes; {service.status_page} tells more."
        )
        return Unavailable(sentence, **refusal.details)
    sentence = (
        f"{service.name} broke off {answer.request} ({answer.status}): whether it was done is "
        f"unknown. Look at {service.name} before you repeat it.{refusal.quoted}"
    )
    return NoAnswer(sentence, **refusal.details)
