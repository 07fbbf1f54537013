"""The console's own database and queue."""

from collections.abc import Iterator

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from opsconsole.operations import workers
from opsconsole.supervisor.doctor.checks import (
    CONSOLE,
    Finding,
    check,
    ok,
    one,
    problem,
    unreachable,
    warning,
)


@check("console database")
def console_reachable() -> Iterator[Finding]:
    found = list(unreachable(CONSOLE, "DATABASE_URL"))
    yield from found or [ok("It answers.")]


@check("migrations", reads=CONSOLE)
def migrated() -> Iterator[Finding]:
    executor = MigrationExecutor(connections[CONSOLE])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield problem(
            f"{len(missing)} migrations are not applied.",
            "Run `manage.py migrate` with DATABASE_URL naming the owner of the tables, "
            "or `serve --migrate`.",
        )
    else:
        yield ok("All applied.")


@check("console role", reads=CONSOLE)
def modest_role() -> Iterator[Finding]:
    """The role that serves should not be able to switch the audit's guards off."""
    superuser, owner = one(
        CONSOLE,
        "SELECT rolsuper, EXISTS (SELECT FROM pg_class WHERE relname = 'django_migrations'"
        " AND pg_has_role(relowner, 'MEMBER')) FROM pg_roles WHERE rolname = current_user",
    )
    if superuser or owner:
        yield warning(
            f"The role of DATABASE_URL {'is a superuser' if superuser else 'owns the tables'}.",
            f"Create a role {settings.RUNTIME_ROLE} without tables of its own, migrate as "
            "the owner (which grants it what it needs), and use it in DATABASE_URL.",
        )
    else:
        yield ok("It does not own the tables.")


@check("audit", reads=CONSOLE)
def append_only_audit() -> Iterator[Finding]:
    (table,) = one(CONSOLE, "SELECT to_regclass('audit_entry')")
    if table is None:
        yield problem("There is no audit table.", "Run `manage.py migrate`.")
        return
    (writable,) = one(
        CONSOLE,
        "SELECT has_table_privilege('audit_entry', 'UPDATE, DELETE, TRUNCATE')"
        " OR has_any_column_privilege('audit_entry', 'UPDATE')",
    )
    if writable:
        yield problem(
            "The role of DATABASE_URL may change audit entries.",
            "REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry from it; an owner or "
            "superuser always may, so use another role.",
        )
    else:
        yield ok("Entries can be added, not changed.")


@check("cache table", reads=CONSOLE)
def cache_table() -> Iterator[Finding]:
    """Sign-in limits and the clusters' signs of life are kept there."""
    name = settings.CACHES["default"]["LOCATION"]
    (usable,) = one(
        CONSOLE,
        "SELECT has_table_privilege(to_regclass(%s), 'INSERT') AND"
        " has_table_privilege(to_regclass(%s), 'UPDATE')",
        name,
        name,
    )
    if usable:
        yield ok("It is there.")
    else:
        yield problem(f"{name} is missing or closed.", "Run `manage.py migrate`.")


@check("queue", reads=CONSOLE)
def living_clusters() -> Iterator[Finding]:
    for name, clusters in workers.living().items():
        if hosts := sorted({cluster.host for cluster in clusters}):
            yield ok(f"Cluster {name} lives on {', '.join(hosts)}.")
        else:
            yield warning(
                f"No cluster {name} was seen during the last seconds.",
                f"`up` and `serve` run it; alone: Q_CLUSTER_NAME={name} manage.py worker",
            )
