"""Can the console read what it needs? Tables, columns, types, grants, hidden rows."""

from collections.abc import Iterator

from opsconsole.platform.contract import uses
from opsconsole.platform.contract.deviation import Deviation, Level
from opsconsole.platform.contract.expectation import ExpectedTable
from opsconsole.platform.contract.found import Catalog, FoundTable

MODELS = "opsconsole/platform/models.py"
GRANTS = "opsconsole/platform/grants/reader.sql"


def deviations(expected: ExpectedTable, catalog: Catalog) -> Iterator[Deviation]:
    """What is wrong with one table, the table as a whole before its columns."""
    found = catalog.tables.get(expected.name)
    reader = catalog.server.reader
    if found is None:
        yield _missing(expected)
        return
    if found.access[reader].rows_hidden:
        yield _hidden(expected, reader)
    if not any(found.grants("SELECT", name, reader) for name in found.columns):
        yield _unreadable(expected, reader)
        return
    for name in expected.columns:
        if difference := _difference(expected, name, found, reader):
            yield _column(expected, name, *difference)


def _missing(expected: ExpectedTable) -> Deviation:
    return Deviation(
        Level.OK if expected.optional else Level.CRITICAL,
        f"Table {expected.name} is missing",
        uses.switched_off(uses.readers_of(expected.name, None)),
        "Not every platform has it."
        if expected.optional
        else "Restore it, or let the reader into its schema: USAGE and search_path.",
        expected.name,
    )


def _hidden(expected: ExpectedTable, reader: str) -> Deviation:
    """Platform migration 20260707000002: a plain role gets errors or no rows."""
    return Deviation(
        _weight(expected),
        f"Row-level security hides rows of {expected.name} from the role {reader},"
        " so every count of them would be wrong",
        uses.switched_off(uses.readers_of(expected.name, None)),
        f"ALTER ROLE {reader} BYPASSRLS, or give it a policy USING (true).",
        expected.name,
    )


def _unreadable(expected: ExpectedTable, reader: str) -> Deviation:
    return Deviation(
        _weight(expected),
        f"The role {reader} may not read table {expected.name}",
        uses.switched_off(uses.readers_of(expected.name, None)),
        f"Run {GRANTS}.",
        expected.name,
    )


def _column(expected: ExpectedTable, name: str, problem: str, remedy: str) -> Deviation:
    return Deviation(
        _weight(expected) if name == expected.key else Level.WARNING,
        f"Column {expected.name}.{name} {problem}",
        uses.switched_off(uses.readers_of(expected.name, name)),
        remedy,
        expected.name,
        name,
    )


def _difference(
    expected: ExpectedTable, name: str, found: FoundTable, reader: str
) -> tuple[str, str] | None:
    """What is wrong with a column and what to do; None when nothing is."""
    column, types = found.columns.get(name), expected.columns[name]
    if column is None:
        return "is missing", f"Restore the column, or take it out of {MODELS}."
    if not found.grants("SELECT", name, reader):
        return f"may not be read by the role {reader}", f"Run {GRANTS}."
    if column.type in types or (column.labels and "text" in types):
        return None
    wanted = " or ".join(sorted(types))
    return f"is {column.type}, not {wanted}", f"Change its field in {MODELS}."


def _weight(expected: ExpectedTable) -> Level:
    return Level.WARNING if expected.optional else Level.CRITICAL
