from collections.abc import Iterator

from django.urls import reverse

from opsconsole.deployment.facts import CATALOGS, Fact, State
from opsconsole.deployment.looking import Unread
from opsconsole.deployment.registry import check
from opsconsole.platform import contract
from opsconsole.platform.tables import CheckedTable, checked_tables

NAME = "Tables and columns"
REMEDY = "Have the platform's migration applied that makes it."
STATES = {
    contract.Level.OK: State.FINE,
    contract.Level.WARNING: State.WRONG,
    contract.Level.CRITICAL: State.WRONG,
}


@check(NAME, step=1, source=CATALOGS)
def tables() -> Iterator[Fact]:
    """Are the tables and columns there that the sync and this console need?

    Runbook: "Quick Start Deployment", step 1. Tables that a platform need not have are
    named without being asked for: production may have neither metrics nor caches.
    """
    platform = contract.current(refresh=True)
    if not platform.reachable:
        raise Unread(contract.SILENT, State.UNKNOWN)
    found: list[CheckedTable] = list(checked_tables(platform).data)
    lacking = [fact for table in found for fact in _missing(table)]
    yield from lacking
    if not lacking:
        columns = sum(table.found for table in found)
        sentence = (
            f"All that is needed is there: {columns:,} columns of {len(found)} tables."
        )
        yield Fact(NAME, State.FINE, sentence, CATALOGS)
    yield from _optional(found)
    yield Fact(
        "Contract",
        STATES[platform.level],
        platform.summary,
        CATALOGS,
        link=reverse("platform:contract"),
        link_words="Platform contract",
        at=platform.checked_at,
    )


def _missing(table: CheckedTable) -> Iterator[Fact]:
    """What a platform must have and has not."""
    if table.word == "critical":
        sentence = f"The table {table.name} does not exist."
        yield Fact(table.name, State.MISSING, sentence, CATALOGS, remedy=REMEDY)
    if not table.found:
        return
    absent = [column.name for column in table.columns if column.type is None]
    if absent:
        sentence = f"{table.name} has no {', '.join(absent)}."
        yield Fact(table.name, State.MISSING, sentence, CATALOGS, remedy=REMEDY)


def _optional(tables: list[CheckedTable]) -> Iterator[Fact]:
    absent = [table.name for table in tables if table.word == "unknown"]
    if absent:
        sentence = (
            f"Not every platform has {', '.join(absent)}; this one does not. What needs"
            " that says so itself."
        )
        yield Fact("Optional tables", State.NOTE, sentence, CATALOGS)
