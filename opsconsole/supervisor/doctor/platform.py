"""The platform's database, as its two roles see it."""

from collections.abc import Iterator

from django.conf import settings

from opsconsole.platform import contract
from opsconsole.supervisor.doctor.checks import (
    READ,
    WRITE,
    Finding,
    Level,
    check,
    ok,
    one,
    unreachable,
    warning,
)


@check("platform")
def platform_reachable() -> Iterator[Finding]:
    found = list(unreachable(READ, "PLATFORM_DATABASE_URL"))
    yield from found or [ok("It answers.")]


@check("platform reading", reads=READ)
def reads_only() -> Iterator[Finding]:
    """Reading must not be able to write, by the role's setting or by its grants."""
    read_only, superuser = one(
        READ,
        "SELECT current_setting('default_transaction_read_only') = 'on', rolsuper"
        " FROM pg_roles WHERE rolname = current_user",
    )
    (writes,) = one(
        READ,
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND"
        " relkind IN ('r', 'p') AND (has_table_privilege(oid, 'INSERT, UPDATE, DELETE')"
        " OR has_any_column_privilege(oid, 'INSERT, UPDATE'))",
    )
    if superuser or (writes and not read_only):
        yield warning(
            "The role of PLATFORM_DATABASE_URL may write.",
            "Use a role made by opsconsole/platform/grants/reader.sql.",
        )
    else:
        yield ok("Its role reads only.")


@check("platform writing")
def writer_reachable() -> Iterator[Finding]:
    found = list(unreachable(WRITE, "PLATFORM_WRITE_DATABASE_URL"))
    names = ("NAME", "USER", "HOST", "PORT")
    reader, writer = settings.DATABASES[READ], settings.DATABASES[WRITE]
    if not found and all(reader[name] == writer[name] for name in names):
        remedy = "Set PLATFORM_WRITE_DATABASE_URL to a role of opsconsole/platform/grants/writer.sql."
        found = [warning("Reading and writing use the same role.", remedy)]
    yield from found or [ok("A role of its own answers.")]


@check("platform contract", reads=READ)
def expected_platform() -> Iterator[Finding]:
    """What differs from the tables, columns and grants that we count on."""
    levels = {
        contract.Level.CRITICAL: Level.PROBLEM,
        contract.Level.WARNING: Level.WARNING,
        contract.Level.OK: Level.OK,
    }
    deviations = contract.current(refresh=True).deviations
    for found in deviations:
        yield Finding(levels[found.level], found.sentence, found.remedy)
    if not deviations:
        yield ok("The platform is as we expect.")
