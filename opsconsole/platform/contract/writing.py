"""May the writer role do what the operations need, and would its updates find rows?"""

from collections.abc import Iterable

from opsconsole.platform.contract import uses
from opsconsole.platform.contract.deviation import Deviation, Level
from opsconsole.platform.contract.found import Catalog, FoundTable

BASE = "opsconsole/platform/grants/writer.sql"
GRANTS = {
    "SELECT": BASE,
    "UPDATE": "opsconsole/operations/grants/*.sql",
    "INSERT": "opsconsole/operations/grants/*.sql",
    "DELETE": "opsconsole/operations/grants/*.sql",
}


def deviations(catalog: Catalog) -> list[Deviation]:
    """What the registered uses lack."""
    return missing(
        catalog, {grant for use in uses.USES.values() for grant in use.grants()}
    )


def missing(catalog: Catalog, wanted: Iterable[uses.Grant]) -> list[Deviation]:
    """What keeps the writer role from using these privileges.

    Of tables and columns that do not exist nothing is said: `reading` does.
    """
    writer = catalog.server.writer
    if writer is None:
        return []
    found: dict[Deviation, None] = {}  # a set that keeps its order
    for grant in sorted(wanted, key=str):
        privilege, name, column = grant
        table = catalog.tables.get(name)
        if table is None or (column and column not in table.columns):
            continue
        if not table.grants(privilege, column, writer):
            found[_not_granted(grant, table, writer)] = None
        elif _is_filtered(table, privilege, writer):
            found[_filtered(name, writer)] = None
    return list(found)


def _is_filtered(table: FoundTable, privilege: str, writer: str) -> bool:
    access = table.access[writer]
    reads = privilege == "SELECT"
    return access.rows_hidden if reads else access.updates_filtered


def _not_granted(grant: uses.Grant, table: FoundTable, writer: str) -> Deviation:
    """One deviation for a column; one for the table when none of its columns is granted."""
    privilege, name, column = grant
    if not any(table.grants(privilege, other, writer) for other in table.columns):
        column = None
    return Deviation(
        Level.WARNING,
        f"The role {writer} has no {privilege} on {'.'.join(filter(None, (name, column)))}",
        uses.switched_off(uses.writers_of(privilege, name, column)),
        f"Run {GRANTS[privilege]}.",
        name,
        column,
    )


def _filtered(table: str, writer: str) -> Deviation:
    """Platform migration 20260707000002: "UPDATE 0", and no error."""
    return Deviation(
        Level.CRITICAL,
        f"Row-level security hides rows of {table} from the role {writer}, so updates"
        " touch nothing, without an error",
        "operations on it are switched off",
        f"ALTER ROLE {writer} BYPASSRLS, or give it a policy USING (true).",
        table,
    )
