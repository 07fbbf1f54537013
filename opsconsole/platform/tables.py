"""What was checked, as the contract page lists it."""

from collections.abc import Iterator
from dataclasses import dataclass

import django_tables2 as tables
from django.utils.safestring import SafeString

from opsconsole.platform.contract import Contract, Deviation, Level
from opsconsole.platform.contract.expectation import ExpectedTable, expected_tables
from opsconsole.platform.contract.found import FoundTable
from opsconsole.web.tables import Table
from opsconsole.web.templatetags import web

CHANGES = ("UPDATE", "INSERT", "DELETE")
TITLES = {
    Level.CRITICAL: "Critical",
    Level.WARNING: "To look at",
    Level.OK: "Good to know",
}


@dataclass(frozen=True)
class CheckedColumn:
    """A column that a model names; without a type it is missing."""

    name: str
    type: str | None


@dataclass(frozen=True)
class CheckedTable:
    """One table we expect."""

    name: str
    columns: list[CheckedColumn]
    writes: str
    word: str  # of web.words
    label: str

    @property
    def found(self) -> int:
        return sum(column.type is not None for column in self.columns)


class StateColumn(tables.Column):
    """How the table compares, as a badge."""

    def render(self, record: CheckedTable) -> SafeString:
        return web.pill(record.word, label=record.label)


class CheckedTables(Table):
    """The tables we expect, one per row."""

    label = "Tables"
    tiebreak = ""

    name = tables.Column("Table", attrs={"cell": {"class": "primary"}}, orderable=False)
    columns = tables.TemplateColumn(
        template_name="platform/columns.html", verbose_name="Columns", orderable=False
    )
    writes = tables.Column(
        "Operations may", attrs={"cell": {"class": "prose"}}, orderable=False
    )
    word = StateColumn("State", orderable=False)

    class Meta:
        empty_text = "Nothing could be checked."


def checked_tables(contract: Contract) -> CheckedTables:
    """Every expected table; none when the platform does not answer."""
    return CheckedTables(list(_rows(contract)))


def by_level(contract: Contract) -> list[tuple[str, list[Deviation]]]:
    """Heading and deviations of each level that has any, the heaviest first.

    None for a platform that does not answer: the summary has said it.
    """
    if not contract.reachable:
        return []
    groups = (
        (title, [found for found in contract.deviations if found.level == level])
        for level, title in TITLES.items()
    )
    return [(title, found) for title, found in groups if found]


def limits(contract: Contract) -> list[tuple[str, str]]:
    """The limits read from the database."""
    return [
        ("Sync interval", _span(contract.interval_hours, "hours")),
        ("Data retention", _span(contract.retention_days, "days")),
        ("Priority", _span(contract.priorities, "(the highest is taken first)")),
        ("Tiers", ", ".join(contract.tiers) or "unknown"),
        ("Sync statuses", ", ".join(contract.sync_statuses) or "any"),
    ]


def roles(contract: Contract) -> list[tuple[str, str]]:
    """Where we are, and as whom."""
    if contract.catalog is None:
        return []
    server = contract.catalog.server
    return [
        ("Database", server.database),
        ("PostgreSQL", server.version),
        ("Role that reads", server.reader),
        ("Role that writes", server.writer or "does not exist"),
    ]


def _rows(contract: Contract) -> Iterator[CheckedTable]:
    if contract.catalog is None:
        return
    wrong = {found.table for found in contract.deviations if found.level != Level.OK}
    writer = contract.catalog.server.writer
    for name, expected in sorted(expected_tables().items()):
        found = contract.catalog.tables.get(name)
        columns = [
            CheckedColumn(column, found.columns[column].type)
            if found and column in found.columns
            else CheckedColumn(column, None)
            for column in expected.columns
        ]
        writes = _writes(found, writer) if found and writer else ""
        yield CheckedTable(
            name, columns, writes, *_state(expected, found, name in wrong)
        )


def _state(
    expected: ExpectedTable, found: FoundTable | None, wrong: bool
) -> tuple[str, str]:
    if found is None:
        return (
            ("unknown", "Not there") if expected.optional else ("critical", "Missing")
        )
    return ("warning", "Deviates") if wrong else ("ok", "As expected")


def _writes(found: FoundTable, writer: str) -> str:
    """What the writer role may change: "update a, b; delete"."""
    parts = []
    for privilege in CHANGES:
        if privilege == "DELETE":
            names = [""] if found.grants(privilege, None, writer) else []
        else:
            names = [c for c in found.columns if found.grants(privilege, c, writer)]
        if names:
            parts.append(f"{privilege.lower()} {', '.join(sorted(names))}".strip())
    return "; ".join(parts)


def _span(bounds: tuple[int, int] | None, unit: str) -> str:
    return f"{bounds[0]} to {bounds[1]} {unit}" if bounds else "no bounds found"
