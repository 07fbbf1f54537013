"""List pages against the bare SQL of the same rows."""

from collections.abc import Iterator

import psycopg
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from opsconsole.accounts.models import User
from tests.benchmarks.measuring import ratio, timed

PAGES = {
    "workspaces": "/workspaces/",
    "workspaces, page 40": "/workspaces/?page=40",
    "workspaces, most failures first": "/workspaces/?sort=-failed",
    "workspaces, search": "/workspaces/?q=lab",
    "sync health": "/workspaces/health/",
    "overview": "/",
}


def measure(rounds: int) -> Iterator[str]:
    client = signed_in()
    for title, address in PAGES.items():
        statements = sent_to_the_platform(client, address)
        ours, bare = [], []
        with bare_connection() as connection:
            for _ in range(rounds):
                ours.append(timed(lambda a=address: client.get(a)))
                bare.append(timed(lambda s=statements, c=connection: run(c, s)))
        yield ratio(f"{title} ({len(statements)} queries)", ours, bare)


def signed_in() -> Client:
    user = User.objects.create_user("bench")
    user.groups.add(Group.objects.get(name="operator"))
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client


def sent_to_the_platform(client: Client, address: str) -> list[str]:
    """The statements of one request to a warm page, as the platform gets them."""
    assert client.get(address).status_code == 200
    with CaptureQueriesContext(connections["platform"]) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def bare_connection() -> psycopg.Connection:
    database = settings.DATABASES["platform"]
    return psycopg.connect(
        host=database["HOST"],
        dbname=database["NAME"],
        user=database["USER"],
        autocommit=True,
    )


def run(connection: psycopg.Connection, statements: list[str]) -> None:
    for statement in statements:
        cursor = connection.execute(statement)
        if cursor.description:
            cursor.fetchall()
