"""Supabase's Management API, as far as the console asks it.

Errors of a log query come with status 200, and the column of a line's origin is `source`
here. Values of secrets are sent, as the real one does: nobody may keep them.
"""

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from opsconsole.sandbox.standin.answers import REFUSED, Answer, Json, Request
from opsconsole.sandbox.standin.calls import Call, Calls
from opsconsole.sandbox.standin.mishaps import typical

SYNC = "workspace-issues-sync"
DEPLOYED = [SYNC, "workspace-sync", "health", "health-jobs", "polar-webhook"]
SECRETS = ["GITHUB_TOKEN", "INNGEST_EVENT_KEY", "SUPABASE_SERVICE_ROLE_KEY"]
A_MINUTE = 120  # requests
CODE = b"EZBR" + b"the bundle of workspace-issues-sync " * 20
STEPS = {"15min": 15, "1hr": 60, "3hr": 180, "1day": 1440}  # minutes
LONGEST_SPAN = timedelta(hours=24)  # of a log query
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Route(NamedTuple):
    """A method, the rest of a path below /v1/projects/{ref}, and who answers."""

    method: str
    pattern: str
    endpoint: "Callable[[Management, Request, str], Answer]"


class Management:
    """One project."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._lock = threading.Lock()
        self._versions = {slug: 1 + len(slug) for slug in DEPLOYED}
        self._deleted: set[str] = set()
        self._minute, self._used = 0, 0

    def has(self, slug: str) -> bool:
        """Tell whether a function is deployed."""
        return slug in self._versions and slug not in self._deleted

    def deploy(self, slug: str = SYNC) -> None:
        """Deploy a function anew."""
        with self._lock:
            self._versions[slug] += 1
            self._deleted.discard(slug)

    def remove(self, slug: str = SYNC) -> bool:
        """Delete a function; tell whether it was there."""
        with self._lock:
            there = self.has(slug)
            self._deleted.add(slug)
        return there

    def answer(self, request: Request) -> Answer:
        """Answer a request, with the headers that the API always sends."""
        left = self._spend()
        answer = self._routed(request) if left >= 0 else typical(request.path, 429)
        seconds = 60 - int(time.time()) % 60
        headers = {
            "x-ratelimit-limit": str(A_MINUTE),
            "x-ratelimit-remaining": str(max(left, 0)),
            "x-ratelimit-reset": str(seconds),
            "x-request-id": f"sandbox-{time.monotonic_ns()}",
        }
        return answer._replace(headers={**headers, **answer.headers})

    def _spend(self) -> int:
        """Count a request; return how many are left, below zero if none was."""
        with self._lock:
            minute = int(time.time()) // 60
            self._used = self._used + 1 if minute == self._minute else 1
            self._minute = minute
            return A_MINUTE - self._used

    def _routed(self, request: Request) -> Answer:
        token = request.headers.get("authorization", "").partition(" ")[2]
        if token in REFUSED:
            return typical(request.path, 401)
        rest = re.sub(r"^/v1/projects/[a-z]{20}(?=/)", "", request.path)
        for route in ROUTES:
            found = re.fullmatch(route.pattern, rest)
            if found and route.method == request.method:
                return route.endpoint(self, request, found.group(1))
        return typical(request.path, 404)

    def functions(self, _: Request, __: str) -> Answer:
        with self._lock:
            there = [slug for slug in self._versions if slug not in self._deleted]
        return Answer(200, [_function(slug, self._versions[slug]) for slug in there])

    def function(self, _: Request, slug: str) -> Answer:
        if not self.has(slug):
            return Answer(404, {"message": "Function not found"})
        return Answer(200, _function(slug, self._versions[slug]))

    def code(self, _: Request, slug: str) -> Answer:
        if not self.has(slug):
            return Answer(404, {"message": "Function not found"})
        return Answer(200, CODE.decode(), {"content-type": "application/octet-stream"})

    def delete(self, _: Request, slug: str) -> Answer:
        if self.remove(slug):
            return Answer(200, {})
        return Answer(404, {"message": "Function not found"})

    def secrets(self, _: Request, __: str) -> Answer:
        value = "0" * 64
        named = [
            {"name": name, "value": value, "updated_at": "2026-03-01T09:12:00.000Z"}
            for name in SECRETS
        ]
        return Answer(200, named)

    def health(self, _: Request, __: str) -> Answer:
        names = ("db", "rest", "auth", "realtime", "storage")
        healthy = {"healthy": True, "status": "ACTIVE_HEALTHY", "error": None}
        return Answer(200, [{"name": name, **healthy} for name in names])

    def backups(self, _: Request, __: str) -> Answer:
        night = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0)
        nights = [night - timedelta(days=age) for age in range(1, 8)]
        listed = [
            {
                "id": 1_000 - age,
                "is_physical_backup": False,
                "status": "COMPLETED",
                "inserted_at": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z",
            }
            for age, moment in enumerate(nights)
        ]
        facts = {"region": "us-west-1", "walg_enabled": True, "pitr_enabled": False}
        return Answer(200, {**facts, "backups": listed, "physical_backup_data": {}})

    def statistics(self, request: Request, _: str) -> Answer:
        minutes = STEPS.get(request.query.get("interval", ""))
        if minutes is None:
            return Answer(400, {"message": "interval is not one of those allowed"})
        step, now = timedelta(minutes=minutes), datetime.now(UTC)
        calls = self._calls.between(now - 24 * step, now)
        groups: dict[datetime, list[Call]] = {}
        for call in calls:
            groups.setdefault(call.at - (call.at - EPOCH) % step, []).append(call)
        found = [_statistic(begin, group) for begin, group in groups.items()]
        return Answer(200, {"result": found, "error": None})

    def logs(self, request: Request, _: str) -> Answer:
        query = request.query
        span = [query.get(f"iso_timestamp_{end}", "") for end in ("start", "end")]
        if not all(text.endswith("Z") for text in span):
            return Answer(400, {"message": "iso_timestamp must be ISO 8601, in UTC"})
        start, end = (datetime.fromisoformat(text) for text in span)
        if end - start > LONGEST_SPAN:
            return Answer(400, {"message": "the span must be at most 24 hours"})
        sql = query.get("sql", "")
        if "source_name" in sql or " logs " not in sql:
            error = "Unknown expression identifier `source_name` in scope"
            return Answer(200, {"result": [], "error": error})
        lines = [_line(call, sql) for call in self._calls.between(start, end)]
        most = re.search(r"LIMIT (\d+)", sql)
        return Answer(200, {"result": lines[: int(most[1]) if most else 100]})


ROUTES = [
    Route("GET", "(/functions)", Management.functions),
    Route("GET", r"/functions/([\w-]+)", Management.function),
    Route("GET", r"/functions/([\w-]+)/body", Management.code),
    Route("DELETE", r"/functions/([\w-]+)", Management.delete),
    Route("GET", "(/secrets)", Management.secrets),
    Route("GET", "(/health)", Management.health),
    Route("GET", "(/database/backups)", Management.backups),
    Route(
        "GET", "(/analytics/endpoints/functions.combined-stats)", Management.statistics
    ),
    Route("GET", "(/analytics/endpoints/logs)", Management.logs),
]


def _function(slug: str, version: int) -> Json:
    return {
        "id": f"00000000-0000-4000-8000-{len(slug):012d}",
        "slug": slug,
        "name": slug,
        "status": "ACTIVE",
        "version": version,
        "created_at": 1_757_000_000_000,
        "updated_at": 1_775_000_000_000,
        "verify_jwt": not slug.startswith("health"),
    }


def _statistic(begin: datetime, calls: list[Call]) -> Json:
    took = [call.milliseconds for call in calls]
    statuses = [call.status // 100 for call in calls]
    return {
        "timestamp": int((begin - EPOCH).total_seconds() * 1_000_000),
        "requests_count": len(calls),
        "success_count": statuses.count(2),
        "client_err_count": statuses.count(4),
        "server_err_count": statuses.count(5),
        "avg_execution_time": sum(took) / len(took),
        "max_execution_time": max(took),
    }


def _line(call: Call, sql: str) -> dict[str, Any]:
    moment = f"{call.at:%Y-%m-%dT%H:%M:%S.%f}"
    if "function_edge_logs" not in sql:
        return {"timestamp": moment, "event_message": "Starting workspace issues sync"}
    return {
        "timestamp": moment,
        "event_message": f"POST | {call.status} | {SYNC}",
        "status": str(call.status),
        "took": str(call.milliseconds),
    }
