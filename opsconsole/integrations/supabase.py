"""Supabase's Management API: functions, their numbers and logs, secrets' names, health.

120 requests a minute for one token and project. Values of secrets are never read into
anything but the answer they came in.
"""

from urllib.parse import quote

import httpx
from django.conf import settings

from opsconsole.integrations.answers import Fields, Receipt
from opsconsole.integrations.client import Client
from opsconsole.integrations.service import Service
from opsconsole.integrations.supabase_shapes import (
    Backup,
    Backups,
    Function,
    FunctionStatistic,
    PartHealth,
    Secret,
)

SERVICE = Service(
    name="Supabase",
    needs=("SUPABASE_ACCESS_TOKEN", "SUPABASE_REF"),
    token="SUPABASE_ACCESS_TOKEN",  # noqa: S106
    rights="a personal access token of somebody who administers the project",
    status_page="status.supabase.com",
    request_ids=("x-request-id", "sb-request-id", "cf-ray"),
)
INTERVALS = ("15min", "1hr", "3hr", "1day")  # of statistics
LARGEST_CODE = 50_000_000  # bytes of a function's bundle
PARTS = ("db", "rest", "auth", "realtime", "storage")  # whose health is asked for


def configured() -> bool:
    return SERVICE.configured()


def client(
    *, timeout: float = 10.0, transport: httpx.BaseTransport | None = None
) -> Client:
    """The Management API with our token; the timeout in seconds. Raises NotConfigured."""
    SERVICE.require()
    return Client(
        SERVICE,
        settings.SUPABASE_API,
        settings.SUPABASE_ACCESS_TOKEN,
        timeout=timeout,
        transport=transport,
    )


def functions(client: Client) -> tuple[Function, ...]:
    """All functions of the project. Raises ServiceError, as every function here does."""
    return tuple(map(_function, client.get(_path("functions")).items()))


def function(client: Client, slug: str) -> Function | None:
    """One function; None when it is not deployed.

    Looked up in the list: a 404 may mean the project as well.
    """
    return next((found for found in functions(client) if found.slug == slug), None)


def function_code(client: Client, slug: str) -> bytes:
    """The deployed bundle: the only copy that Supabase has. Raises NotFound, too."""
    return client.get(f"{_of_function(slug)}/body", most=LARGEST_CODE).content


def delete_function(client: Client, slug: str) -> Receipt:
    """Remove a function for good: keep `function_code` first. Raises NotFound, too."""
    return client.delete(_of_function(slug)).receipt


def function_statistics(
    client: Client, identifier: str, interval: str = "1hr"
) -> tuple[FunctionStatistic, ...]:
    """Calls of the function with this id (not slug), oldest first; by one of INTERVALS."""
    query = {"function_id": identifier, "interval": interval}
    path = _path("analytics/endpoints/functions.combined-stats")
    found = map(_statistic, client.get(path, query).fields().children("result"))
    return tuple(sorted(found, key=lambda statistic: statistic.at))


def secrets(client: Client) -> tuple[Secret, ...]:
    """The names of the functions' secrets, in order."""
    found = (
        Secret(item.text("name"), item.maybe_moment("updated_at"))
        for item in client.get(_path("secrets")).items()
    )
    return tuple(sorted(found, key=lambda secret: secret.name))


def health(client: Client) -> tuple[PartHealth, ...]:
    """How the parts of the project are."""
    return tuple(
        PartHealth(
            item.text("name"), item.text("status"), item.maybe_text("error") or ""
        )
        for item in client.get(_path("health"), {"services": list(PARTS)}).items()
    )


def backups(client: Client) -> Backups:
    """What the project could be restored from."""
    found = client.get(_path("database/backups")).fields()
    listed = [
        Backup(
            status=item.text("status"),
            made_at=item.moment("inserted_at"),
            physical=item.maybe_flag("is_physical_backup"),
        )
        for item in found.children("backups")
    ]
    listed.sort(key=lambda backup: backup.made_at, reverse=True)
    return Backups(found.flag("pitr_enabled"), tuple(listed))


def _function(item: Fields) -> Function:
    return Function(
        id=item.text("id"),
        slug=item.text("slug"),
        name=item.text("name"),
        status=item.text("status"),
        version=item.integer("version"),
        updated_at=item.moment("updated_at"),
        verify_jwt=item.maybe_flag("verify_jwt"),
    )


def _statistic(item: Fields) -> FunctionStatistic:
    return FunctionStatistic(
        at=item.moment("timestamp"),
        requests=item.maybe_integer("requests_count"),
        succeeded=item.maybe_integer("success_count"),
        refused=item.maybe_integer("client_err_count"),
        broken=item.maybe_integer("server_err_count"),
        mean_ms=item.maybe_number("avg_execution_time"),
        longest_ms=item.maybe_number("max_execution_time"),
    )


def _of_function(slug: str) -> str:
    return _path(f"functions/{quote(slug, safe='')}")


def _path(rest: str) -> str:
    return f"/v1/projects/{settings.SUPABASE_REF}/{rest}"
