"""Why a worker stops before its run is at its end."""

from datetime import timedelta

from django.db import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

from opsconsole.operations.planner import LeaseLost

BUSY = (LockNotAvailable, QueryCanceled, DeadlockDetected)  # worth another try


class PlanChanged(Exception):
    """What is stored is not what was confirmed."""


class StepFailed(Exception):
    """A step cannot be finished; the message is a sentence for people."""


class MustWait(Exception):
    """The platform, or a service, wants us to come back later; not a failure."""

    def __init__(self, sentence: str, wait: timedelta) -> None:
        super().__init__(sentence)
        self.wait = wait


def is_busy(error: Exception) -> bool:
    """Whether the platform refused for the moment; a lost connection is something else."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, BUSY)


__all__ = ["BUSY", "LeaseLost", "MustWait", "PlanChanged", "StepFailed", "is_busy"]
