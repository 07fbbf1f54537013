"""Why a worker stops before its run is at its end."""

from datetime import timedelta

from django.db import Error, InterfaceError, InternalError, OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

BUSY = (LockNotAvailable, QueryCanceled, DeadlockDetected)  # worth another try


class PlanChanged(Exception):
    """What is stored is not what was confirmed."""


class StepFailed(Exception):
    """A step cannot be finished; the message is a sentence for people."""


class MustWait(Exception):
    """The platform, or a service, wants us to come back later; not a failure.

    Without a `wait` the waits get longer, and end with the patience.
    """

    def __init__(self, sentence: str, wait: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait


def is_busy(error: Exception) -> bool:
    """Whether the platform refused for the moment; a lost connection is something else."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, BUSY)


def is_lost(error: Error) -> bool:
    """Whether a database is gone, or has ended our session: it may be back in a moment.

    Without an answer of the platform's nobody knows whether it has committed. Sessions
    that were idle for too long end with SQLSTATE 25P03, which psycopg counts as internal.
    """
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", None) == "25P03"
    return isinstance(error, OperationalError | InterfaceError) and not is_busy(error)
