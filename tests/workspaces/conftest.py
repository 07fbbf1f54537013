"""People who look, and a platform whose triggers stay out of hand-made rows."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from opsconsole.history.models import FunctionResponse, RepositoryResult, Sample
from opsconsole.platform import contract
from opsconsole.workspaces.listing import Line
from tests.conftest import PLATFORM
from tests.workspaces import rows

TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
FAILURE = {
    "last_sync_status": "failed",
    "sync_attempts": 1,
    "last_sync_error": "Unexpected token",
}


@pytest.fixture
def sql(platform_sql):
    """The platform without triggers: limits may be exceeded, links miss their rows."""
    platform_sql("SET session_replication_role = replica")
    return platform_sql


@pytest.fixture
def make(sql):
    """The factories of `rows`, bound to the platform."""
    return rows.Factories(sql)


@pytest.fixture
def person(viewer, client_of):
    return client_of(viewer)


@pytest.fixture
def worker(operator, client_of):
    """Somebody who may reset what failed."""
    return client_of(operator)


@pytest.fixture
def names(person):
    """What an address lists, in order: the names of its rows."""

    def listed(address):
        response = person.get(address)
        assert response.status_code == 200
        return [_name(row.record) for row in response.context["table"].paginated_rows]

    return listed


def _name(record):
    if isinstance(record, Line):
        return record.workspace.name
    return record.tracked_repository.repository.full_name


@pytest.fixture
def rename(platform_sql):
    """Take a column away; it returns after the test."""
    back = []

    def change(table, column):
        platform_sql(f"ALTER TABLE {table} RENAME {column} TO gone")
        back.append(f"ALTER TABLE {table} RENAME gone TO {column}")
        contract.forget()

    yield change
    for statement in back:
        platform_sql(statement)


@pytest.fixture
def locked(databases):
    """Somebody holds a table so that nobody can read it."""
    holders = []

    def lock(table):
        holder = psycopg.connect(PLATFORM)
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        holders.append(holder)

    yield lock
    for holder in holders:
        holder.rollback()
        holder.close()


@pytest.fixture
def queries():
    """What a page asks both databases, once it is warm; transactions are not counted."""

    def asked(person, address):
        assert person.get(address).status_code == 200
        with (
            CaptureQueriesContext(connections["platform"]) as platform,
            CaptureQueriesContext(connections["default"]) as console,
        ):
            assert person.get(address).status_code == 200
        texts = [query["sql"] for query in (*platform, *console)]
        return [text for text in texts if not text.startswith(TRANSACTIONS)]

    return asked


@pytest.fixture
def sampled(databases):
    """A fresh sample says who is first in line, as it usually does: nobody."""
    return Sample.objects.create(at=timezone.now(), took=timedelta(seconds=1))


@pytest.fixture
def refuse():
    """Let a kept response name a repository with an error."""

    def answered(name, error="GitHub API returned 404", *, at=None, success=False):
        at = at or timezone.now() - timedelta(minutes=5)
        response = FunctionResponse.objects.create(
            at=at, took=timedelta(seconds=2), limit=20, hours_back=24, dry_run=False
        )
        return RepositoryResult.objects.create(
            response=response, at=at, repository=name, success=success, error=error
        )

    return answered


@pytest.fixture
def one_of_each(make, refuse):
    """A row for each diagnosis, in three workspaces; name: the word with a dash."""
    now = timezone.now()
    ahead = {
        "last_sync_at": now - timedelta(hours=1),
        "next_sync_at": now + timedelta(hours=5),
    }
    late = ahead | {"next_sync_at": now - timedelta(hours=9)}
    places = [make.workspace(name) for name in ("Acme", "bolt", "Crane")]
    refuse("is/refused", at=now)
    rows = {
        "paused": ahead | {"fetch_issues": False},
        "inactive but syncing": ahead | {"is_active": False},
        "issues disabled": ahead,
        "failing repeatedly": ahead | FAILURE | {"sync_attempts": 4},
        "failed": ahead | FAILURE,
        "refused": ahead,
        "never scheduled": ahead | {"next_sync_at": None},
        "overdue": late | {"priority_score": 90},
        "never synced": ahead | {"last_sync_at": None, "last_sync_status": None},
        "due": ahead | {"next_sync_at": now - timedelta(hours=1)},
        "ok": ahead,
    }
    made = {}
    for number, (word, values) in enumerate(rows.items()):
        name = f"is/{word.replace(' ', '-')}"
        made[word] = make.tracked(places[number % 3], name=name, **values)
    make.sql(
        "UPDATE repositories SET has_issues = false WHERE name = 'issues-disabled'"
    )
    for number in range(settings.SCHEDULE_SLOTS):  # as many as a run takes, before it
        make.tracked(places[0], name=f"first/{number}", **late | {"priority_score": 80})
    made["starved"] = make.tracked(
        places[1], name="is/starved", **late | {"priority_score": 1}
    )
    return made
