"""Every test commits for real, as the console does; what it left is deleted after it."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import OperationalError, connections
from django.test import Client

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps a loop
PLATFORM = os.environ["OPSCONSOLE_TEST_PLATFORM_OWNER_URL"]
CONSOLE = os.environ["OPSCONSOLE_TEST_CONSOLE_SUPERUSER_URL"]
KEPT = {"django_migrations", "django_content_type", "auth_permission", "auth_group"}
KEPT |= {"auth_group_permissions", "django_q_schedule"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Migrate the console's database as its owner; everything else runs as the runtime role."""
    default = connections["default"]
    with django_db_blocker.unblock():
        runtime = default.settings_dict["USER"]
        default.close()
        default.settings_dict["USER"] = "opsconsole_owner"
        call_command("migrate", verbosity=0)
        default.close()
        default.settings_dict["USER"] = runtime
    yield
    connections.close_all()


@pytest.fixture
def databases(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Access to all databases; the rows of a test are gone afterwards."""
    from opsconsole.platform import contract

    with django_db_blocker.unblock():
        yield
        contract.forget()
        for connection in connections.all():
            connection.close()
        for url in (CONSOLE, PLATFORM):
            delete_all_rows(url)


def delete_all_rows(url: str) -> None:
    """Empty every table, triggers asleep; DELETE is quicker than TRUNCATE on few rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        statements = [f'DELETE FROM "{name}"' for (name,) in tables if name not in KEPT]
        connection.execute(";".join(statements))


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's first page asks for a stop, the others do not: not a matter of seconds."""
    from opsconsole.emergency import banner

    banner.CALM.forget()
    monkeypatch.setattr(banner, "LATE", 3600.0)


@pytest.fixture
def platform_sql(databases: None) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Run SQL on the platform as its superuser, committed at once: somebody else's hand."""
    with psycopg.connect(PLATFORM, autocommit=True) as connection:

        def run(sql: str, *params: Any) -> list[tuple[Any, ...]]:
            cursor = connection.execute(sql, params or None)
            return cursor.fetchall() if cursor.description else []

        yield run


@pytest.fixture
def unreachable(databases: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The platform's database does not answer any more."""
    from opsconsole.platform import contract

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    contract.forget()
    connections["platform"].close()
    monkeypatch.setattr(connections["platform"], "connect", refuse)
    yield
    contract.forget()


@pytest.fixture
def make_user(databases: None, settings: Any) -> Callable[..., Any]:
    """A person in a role; the password is `PASSWORD`, which is quick to hash here."""
    from opsconsole.accounts.models import User

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def make(role: str, name: str = "") -> User:
        user = User.objects.create_user(name or role, password=PASSWORD)
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


PASSWORD = "correct horse battery"


@pytest.fixture
def viewer(make_user: Callable[..., Any]) -> Any:
    return make_user("viewer")


@pytest.fixture
def operator(make_user: Callable[..., Any]) -> Any:
    return make_user("operator")


@pytest.fixture
def admin(make_user: Callable[..., Any]) -> Any:
    user = make_user("admin")
    user.is_staff = user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def client_of(databases: None) -> Callable[[Any], Client]:
    """A browser in which that person is signed in."""

    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
