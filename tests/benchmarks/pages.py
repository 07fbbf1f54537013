"""Every page against the bare SQL that it sends to the platform for the same rows."""

from collections.abc import Iterator

import psycopg
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from opsconsole.accounts.models import User
from opsconsole.history import samples
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests.benchmarks.measuring import ratio, timed

OUR_OWN = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET")
PAGES = {
    "overview": "/",
    "workspaces": "/workspaces/",
    "workspaces, page 40": "/workspaces/?page=40",
    "workspaces, most failures first": "/workspaces/?sort=-failed",
    "workspaces, search": "/workspaces/?q=lab",
    "one workspace": "/workspaces/{workspace}/",
    "one repository": "/workspaces/repositories/{row}/",
    "sync health": "/workspaces/health/",
    "sync health, starved": "/workspaces/health/?word=starved",
    "sync health, ok": "/workspaces/health/?word=ok",
    "sync health, duplicate": "/workspaces/health/?flag=duplicate",
    "error groups": "/workspaces/health/errors/",
    "never synced by anything": "/workspaces/health/unsynced/",
    "search": "/search/?q=lab",
}


def measure(rounds: int) -> Iterator[str]:
    sample = samples.take()
    yield f"  a sample of everything takes {sample.took.total_seconds():.2f} s on the platform"
    client, row = signed_in(), WorkspaceTrackedRepository.objects.order_by("pk")[0]
    for title, pattern in PAGES.items():
        address = pattern.format(workspace=row.workspace_id, row=row.pk)
        yield page(client, title, address, rounds)


def page(client: Client, title: str, address: str, rounds: int) -> str:
    statements, ours_too = asked(client, address)
    ours, bare = [], []
    with bare_connection() as connection:
        for _ in range(rounds):
            ours.append(timed(lambda: client.get(address)))
            bare.append(timed(lambda: run(connection, statements)))
    counts = f"{len(statements)} + {ours_too} queries"
    return ratio(f"{title} ({counts})", ours, bare)


def signed_in() -> Client:
    user, _ = User.objects.get_or_create(username="bench")
    user.groups.add(Group.objects.get(name="operator"))
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client


def asked(client: Client, address: str) -> tuple[list[str], int]:
    """What one request to a warm page asks: of the platform, and how often of our own."""
    assert client.get(address).status_code == 200, address
    with (
        CaptureQueriesContext(connections["platform"]) as platform,
        CaptureQueriesContext(connections["default"]) as default,
    ):
        assert client.get(address).status_code == 200
    texts = [query["sql"] for query in platform.captured_queries]
    return [text for text in texts if not text.startswith(OUR_OWN)], len(default)


def bare_connection() -> psycopg.Connection:
    database = settings.DATABASES["platform"]
    return psycopg.connect(
        host=database["HOST"],
        dbname=database["NAME"],
        user=database["USER"],
        autocommit=True,
    )


def run(connection: psycopg.Connection, statements: list[str]) -> None:
    """Sent and read as text, as psql does."""
    for statement in statements:
        cursor = connection.execute(statement)
        if cursor.description:
            cursor.fetchall()
