"""Which values the platform accepts, read from its CHECK constraints and enum types."""

from collections.abc import Iterator

from opsconsole.platform.contract.constraint import EVERYTHING, Every, Node
from opsconsole.platform.contract.deviation import Deviation, Level
from opsconsole.platform.contract.found import Catalog
from opsconsole.platform.contract.parser import parse
from opsconsole.platform.contract.tokens import ExpressionError
from opsconsole.platform.rules import FAILED

Place = tuple[str, str]  # table, column

INTERVAL: Place = ("workspace_tracked_repositories", "sync_frequency_hours")
PRIORITY: Place = ("workspace_tracked_repositories", "priority_score")
RETENTION: Place = ("workspace_tracked_repositories", "data_retention_days")
STATUS: Place = ("workspace_tracked_repositories", "last_sync_status")
TIER: Place = ("workspaces", "tier")
UNITS = {INTERVAL: "hours", PRIORITY: "priorities", RETENTION: "days"}
PRICE_ORDER = ("free", "pro", "team")  # migration 20260711120000, workspaces_tier_check


def bounds(catalog: Catalog, place: Place) -> tuple[int, int] | None:
    """The least and the greatest number allowed; None unless both are declared."""
    low, high = _condition(catalog, place[0]).limits(place[1])
    if EVERYTHING[0] < low <= high < EVERYTHING[1]:
        return int(low), int(high)
    return None


def choices(catalog: Catalog, place: Place) -> frozenset[str] | None:
    """The texts allowed; None where neither a CHECK nor an enum type declares them."""
    column = catalog.column(*place)
    if column and column.labels:
        return frozenset(column.labels)
    return _condition(catalog, place[0]).choices(place[1])


def by_price(tiers: frozenset[str]) -> tuple[str, ...]:
    """Tiers from the cheapest on; those we do not know last, by the alphabet."""
    known = [tier for tier in PRICE_ORDER if tier in tiers]
    return (*known, *sorted(tiers - set(PRICE_ORDER)))


def deviations(catalog: Catalog) -> Iterator[Deviation]:
    """Limits that cannot be read, and values that nobody here has met before."""
    for place, unit in UNITS.items():
        if catalog.column(*place) and bounds(catalog, place) is None:
            yield _unbounded(place, unit)
    tiers, statuses = choices(catalog, TIER), choices(catalog, STATUS)
    for tier in by_price((tiers or frozenset()) - set(PRICE_ORDER)):
        yield _new_tier(tier)
    if statuses is not None and FAILED not in statuses:
        yield _no_failures()


def _condition(catalog: Catalog, table: str) -> Node:
    """All CHECKs of a table that can be read, as one condition."""
    found = catalog.tables.get(table)
    parts: list[Node] = [Node()]
    for definition in found.checks if found else ():
        try:
            parts.append(parse(definition))
        except ExpressionError:
            continue  # then the limit is missing, and `deviations` says so
    return Every(tuple(parts))


def _unbounded(place: Place, unit: str) -> Deviation:
    table, column = place
    return Deviation(
        Level.WARNING,
        f"No CHECK that the console can read bounds {table}.{column}",
        f"operations that set these {unit} are switched off",
        f"Restore {table}_{column}_check.",
        table,
        column,
    )


def _new_tier(tier: str) -> Deviation:
    return Deviation(
        Level.OK,
        f"The tier {tier} is new to the console",
        f"it is listed after {PRICE_ORDER[-1]}",
        "Its place by price is in opsconsole/platform/contract/limits.py.",
        *TIER,
        switches_off=False,
    )


def _no_failures() -> Deviation:
    return Deviation(
        Level.WARNING,
        f"{'.'.join(STATUS)} can no longer be '{FAILED}'",
        "failed syncs are not seen",
        "Ask which word the sync function writes; ours is in platform/querysets.py.",
        *STATUS,
        switches_off=False,
    )
