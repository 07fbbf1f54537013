"""The platform's edge function `workspace-issues-sync`, called as its workflow calls it.

HTTP 200 does not mean success: what GitHub refused stands in the results alone. Between
the function and us stands a gateway, whose errors bear the header sb-error-code.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings

from opsconsole.integrations.answers import Fields, Receipt
from opsconsole.integrations.client import Client
from opsconsole.integrations.errors import (
    Json,
    NoAnswer,
    NotFound,
    Refused,
    ServiceError,
    Unavailable,
    WrongToken,
)
from opsconsole.integrations.refusals import Refusal, judged, quota_spent
from opsconsole.integrations.service import Service

SERVICE = Service(
    name="The sync function",
    needs=("SUPABASE_URL", "SUPABASE_KEY"),
    token="SUPABASE_KEY",  # noqa: S106
    rights="a JWT of the project, such as its legacy anon key",
    status_page="status.supabase.com",
    request_ids=("sb-request-id", "x-request-id", "cf-ray"),
    code="sb-error-code",
)
SYNC = "/functions/v1/workspace-issues-sync"
TIMEOUT = 170.0  # seconds; the gateway gives up after 150, the workflow after 180
MOST_ROWS = 1_000  # PostgREST gives the function no more
BOOT_ERROR, ENDED = 503, (504, 546)


@dataclass(frozen=True)
class SyncResult:
    """What the function says of one repository; None is not said."""

    repository: str
    workspace: str | None  # its name
    tier: str | None
    success: bool
    found: int | None  # issues
    synced: int | None  # issues written
    error: str | None


@dataclass(frozen=True)
class SyncAnswer:
    """What the function says of a call.

    Repositories in which nothing is new, or which have no issues at all, are not in it.
    """

    message: str
    calls: int | None  # to GitHub; None when nothing was due
    results: tuple[SyncResult, ...]
    body: Json  # as it came, at most 5 MB
    receipt: Receipt

    @property
    def failed(self) -> tuple[SyncResult, ...]:
        return tuple(result for result in self.results if not result.success)


def configured() -> bool:
    return SERVICE.configured()


def client(
    *, timeout: float = TIMEOUT, transport: httpx.BaseTransport | None = None
) -> Client:
    """The platform's functions; the timeout in seconds. Raises NotConfigured."""
    SERVICE.require()
    return Client(
        SERVICE,
        settings.SUPABASE_URL,
        settings.SUPABASE_KEY,
        timeout=timeout,
        transport=transport,
        judge=_judged,
    )


def look(client: Client) -> Receipt:
    """Ask whether the sync function is there, without a call of it.

    The gateway lets OPTIONS through without a key, as browsers send none with it.
    Raises ServiceError.
    """
    return client.options(SYNC).receipt


def sync(
    client: Client,
    *,
    workspace: UUID | None = None,
    hours_back: int = 24,
    limit: int = 10,
    dry_run: bool = False,
) -> SyncAnswer:
    """Sync up to `limit` rows that are due, of one workspace or, with None, of all.

    A dry run writes nothing but spends calls to GitHub, too. Raises ServiceError; after
    NoAnswer the repositories it had finished are written, the others are not.
    """
    body = {
        "workspaceId": str(workspace or ""),
        "hoursBack": int(hours_back),
        "limit": min(int(limit), MOST_ROWS),
        "dryRun": bool(dry_run),
    }
    answer = client.post(SYNC, body)
    told = answer.fields()
    results = told.children("results") if "results" in told.raw else []
    return SyncAnswer(
        message=told.text("message"),
        calls=told.maybe_integer("totalApiCalls"),
        results=tuple(_result(item) for item in results),
        body=told.raw,
        receipt=answer.receipt,
    )


def _result(item: Fields) -> SyncResult:
    return SyncResult(
        repository=item.text("repository"),
        workspace=item.maybe_text("workspace"),
        tier=item.maybe_text("tier"),
        success=item.flag("success"),
        found=item.maybe_integer("issuesFound"),
        synced=item.maybe_integer("issuesSynced"),
        error=item.maybe_text("error"),
    )


def _judged(refusal: Refusal, now: datetime) -> ServiceError:
    """The gateway's refusals, and the function's own, which is a 500 with its reason."""
    status = refusal.answer.status
    if spent := quota_spent(refusal, now):
        return spent
    if status == 404 and refusal.code == "NOT_FOUND":
        return NotFound(GONE + refusal.quoted, **refusal.details)
    if status in (401, 403):
        return WrongToken(WRONG_KEY + refusal.quoted, **refusal.details)
    if status == BOOT_ERROR and refusal.code == "BOOT_ERROR":
        return Unavailable(NO_START + refusal.quoted, **refusal.details)
    if status in ENDED:
        why = "took too long" if status == 504 else "used up what it may"
        return NoAnswer(CUT_OFF.format(why=why), **refusal.details)
    if status == 500 and _is_its_own(refusal.body):
        return Refused(FAILED + refusal.quoted, **refusal.details)
    return judged(refusal, now)


def _is_its_own(body: Any) -> bool:
    """Whether the function itself says that it failed: {error, success: false}.

    It does so while it reads the request and selects rows, before it writes any.
    """
    return isinstance(body, dict) and body.get("success") is False


GONE = (
    "The sync function is not there: it was removed or never deployed. "
    "Deploy workspace-issues-sync, or check OPSCONSOLE_SUPABASE_URL."
)
WRONG_KEY = (
    "The functions' gateway does not accept the key in OPSCONSOLE_SUPABASE_KEY: it must be a "
    "JWT of this project, such as its legacy anon key. Set it and restart the console."
)
NO_START = (
    "The sync function does not start (BOOT_ERROR), so nothing was done: its last deployment "
    "is broken. Read its logs and deploy it anew."
)
CUT_OFF = (
    "The sync function {why} and was ended. What it had finished is written, the rest is not: "
    "read the rows before you repeat it, then with fewer repositories or hours."
)
FAILED = "The sync function stopped with an error. Read its logs, put that right, and try again."
