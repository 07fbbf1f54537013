"""A service outside that behaves as it is told, and remembers what it did.

What it did stands in a table, since worker processes come and go.
"""

import os
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import psycopg
from django.utils import timezone

from opsconsole.operations.calling import AnswerLost, CallFailed, QuotaSpent

PLATFORM = "OPSCONSOLE_TEST_PLATFORM_OWNER_URL"
OPPOSITES = {"on": "off", "off": "on"}


class Service:
    """Switches targets on and off. A request's `do` names the behaviour:

    on, off      done
    refuse       not done, and it says so
    lost         done, but the answer is lost
    dropped      not done the first time, and the answer is lost; then done
    mystery      the answer is lost, and nobody can find out
    hidden       the answer is lost, and the truth cannot be read for two looks
    quota        the first time it asks to come back in a moment
    """

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        what, target = request["do"], request["target"]
        tried = self._count(target, "asked")
        note(target, "asked", what)
        if what == "refuse":
            raise CallFailed("Refused by the service.", {"status": 403})
        if what == "quota" and not tried:
            raise QuotaSpent("Quota spent.", timezone.now() + timedelta(seconds=60))
        if what == "dropped" and not tried:
            raise AnswerLost("No answer in 10 s.")
        if what == "mystery":
            raise AnswerLost("No answer in 10 s.")
        note(target, "did", what)
        if what in ("lost", "hidden"):
            raise AnswerLost("No answer in 10 s.")
        return {"status": 200, "request_id": f"r{target}"}

    def settle(self, request: dict[str, Any], sent_at: datetime) -> bool | None:
        what, target = request["do"], request["target"]
        looked = self._count(target, "looked")
        note(target, "looked", what)
        if what == "mystery":
            return None
        if what == "hidden" and looked < 2:
            raise AnswerLost("The service does not answer at all.")
        return self._count(target, "did") > 0

    def opposite(self, request: dict[str, Any]) -> dict[str, Any] | None:
        opposite = OPPOSITES.get(request["do"])
        return None if opposite is None else {**request, "do": opposite}

    def _count(self, target: int, deed: str) -> int:
        [count] = (
            _connection(os.getpid())
            .execute(
                "SELECT count(*) FROM demonstration_service"
                " WHERE target = %s AND deed = %s",
                [target, deed],
            )
            .fetchone()
        )
        return count


def note(target: int, deed: str, what: str) -> None:
    _connection(os.getpid()).execute(
        "INSERT INTO demonstration_service (target, deed, behaviour) VALUES (%s, %s, %s)",
        [target, deed, what],
    )


@cache
def _connection(process: int) -> psycopg.Connection[Any]:
    """One for each process: they fork."""
    return psycopg.connect(os.environ[PLATFORM], autocommit=True)
