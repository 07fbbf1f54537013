"""Can the console read what it needs? Tables, columns, types, grants, hidden rows."""

from collections.abc import Iterator

from opsconsole.platform.contract import uses
from opsconsole.platform.contract.deviation import Deviation, Level
from opsconsole.platform.contract.expectation import ExpectedTable
from opsconsole.platform.contract.found import Catalog, FoundTable

MODELS, GRANTS = (
    "opsconsole/platform/models.py",
    "opsconsole/platform/grants/reader.sql",
)


def deviations(expected: ExpectedTable, catalog: Catalog) -> Iterator[Deviation]:
    """What is wrong with one table, the table as a whole before its columns."""
    found = catalog.tables.get(expected.name)
    reader = catalog.server.reader
    if found is None:
        yield _missing_table(expected)
        return
    if found.access[reader].rows_hidden:
        yield _hidden(expected, reader)
    if not any(found.grants("SELECT", name, reader) for name in found.columns):
        yield _unreadable(expected, reader)
        return
    for name in expected.columns:
        yield from _column_deviations(expected, name, found, reader)


def _missing_table(expected: ExpectedTable) -> Deviation:
    off = uses.switched_off(uses.readers_of(expected.name, None))
    return Deviation(
        Level.OK if expected.optional else Level.CRITICAL,
        f"Table {expected.name} is missing: {off}.",
        "Not every platform has it."
        if expected.optional
        else "Restore it, or let the reader into its schema: USAGE and search_path.",
        expected.name,
        switches_off=True,
    )


def _hidden(expected: ExpectedTable, reader: str) -> Deviation:
    """Platform migration 20260707000002: a plain role gets errors or no rows."""
    off = uses.switched_off(uses.readers_of(expected.name, None))
    return Deviation(
        _weight(expected),
        f"Row-level security hides rows of {expected.name} from the role {reader},"
        f" so every count of them would be wrong: {off}.",
        f"ALTER ROLE {reader} BYPASSRLS, or give it a policy USING (true).",
        expected.name,
        switches_off=True,
    )


def _unreadable(expected: ExpectedTable, reader: str) -> Deviation:
    off = uses.switched_off(uses.readers_of(expected.name, None))
    return Deviation(
        _weight(expected),
        f"The role {reader} may not read table {expected.name}: {off}.",
        f"Run {GRANTS}.",
        expected.name,
        switches_off=True,
    )


def _column_deviations(
    expected: ExpectedTable, name: str, found: FoundTable, reader: str
) -> Iterator[Deviation]:
    column, types = found.columns.get(name), expected.columns[name]
    place = f"Column {expected.name}.{name}"
    if column is None:
        problem = f"{place} is missing"
        remedy = f"Restore the column, or take it out of {MODELS}."
    elif not found.grants("SELECT", name, reader):
        problem = f"{place} may not be read by the role {reader}"
        remedy = f"Run {GRANTS}."
    elif column.type not in types and not (column.labels and "text" in types):
        problem = f"{place} is {column.type}, not {' or '.join(sorted(types))}"
        remedy = f"Change its field in {MODELS}."
    else:
        return
    off = uses.switched_off(uses.readers_of(expected.name, name))
    level = _weight(expected) if name == expected.key else Level.WARNING
    yield Deviation(level, f"{problem}: {off}.", remedy, expected.name, name, True)


def _weight(expected: ExpectedTable) -> Level:
    return Level.WARNING if expected.optional else Level.CRITICAL
