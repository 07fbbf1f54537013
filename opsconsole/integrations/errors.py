"""What may go wrong with a service: one sentence for the operator, who says what to do.

After a write only NoAnswer leaves open whether it was done; after all others but
NotUnderstood, which follows a success, it certainly was not.
"""

from datetime import datetime
from typing import Any

Json = dict[str, Any]


class ServiceError(Exception):
    """A call that did not give what was asked for; the message is the sentence."""

    def __init__(
        self,
        sentence: str,
        *,
        service: str = "",
        status: int | None = None,
        code: str = "",
        said: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(sentence)
        self.service = service  # its name
        self.status = status  # HTTP; None without an answer
        self.code = code  # the service's own word for it, such as BOOT_ERROR
        self.said = said  # what it said, short and without secrets
        self.request_id = request_id  # the service's own, if it gave one

    def as_json(self) -> Json:
        """What is worth keeping beside the sentence, without secrets."""
        return {
            "status": self.status,
            "code": self.code,
            "said": self.said,
            "request_id": self.request_id,
        }


class NotConfigured(ServiceError):
    """Variables are missing; the sentence names them. Nothing was sent."""


class Refused(ServiceError):
    """The service understood and will not do it: 3xx, 4xx, or a failure it answers for."""


class WrongToken(Refused):
    """The token is wrong, expired, or may not do this; the sentence names its variable."""


class NotFound(Refused):
    """What was asked for is not there, or the token may not see it."""


class NoAnswer(ServiceError):
    """The request left, but what became of it is unknown: read the truth, repeat nothing."""


class Unavailable(ServiceError):
    """It was certainly not done: no connection, or the service is down. Try again later."""


class QuotaSpent(ServiceError):
    """The service asks us to come back later. It was certainly not done."""

    def __init__(self, sentence: str, *, until: datetime, **details: Any) -> None:
        super().__init__(sentence, **details)
        self.until = until


class NotUnderstood(ServiceError):
    """The service did it, but its answer is not what we know. Look there."""
