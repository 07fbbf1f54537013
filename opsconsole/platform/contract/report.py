"""The verdict: how the platform differs, and what may be relied on."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from opsconsole.platform.contract import connection, limits, reading, uses, writing
from opsconsole.platform.contract.connection import SILENT
from opsconsole.platform.contract.deviation import ORDER, Deviation, Level
from opsconsole.platform.contract.expectation import expected_tables, unknown
from opsconsole.platform.contract.found import Catalog


@dataclass(frozen=True)
class Contract:
    """What was found at one moment. Without a catalog the platform was not reached."""

    catalog: Catalog | None
    reason: str = ""  # why there is no catalog, in the driver's words
    tiers_in_use: frozenset[str] = frozenset()  # read only where no tier is declared
    checked_at: datetime = field(default_factory=timezone.now)

    @property
    def reachable(self) -> bool:
        return self.catalog is not None

    @property
    def settled(self) -> bool:
        """Whether all of it could be read, so that it may be believed for a while."""
        return self.catalog is not None and self.catalog.complete

    @cached_property
    def deviations(self) -> list[Deviation]:
        """All differences, the heaviest first."""
        if self.catalog is None:
            return [connection.silent(self.reason)]
        found = [
            *connection.deviations(self.catalog.server),
            *self._reading,
            *writing.deviations(self.catalog),
            *limits.deviations(self.catalog),
        ]
        return sorted(found, key=lambda deviation: ORDER[deviation.level])

    @property
    def level(self) -> Level:
        """The weight of the heaviest deviation."""
        return self.deviations[0].level if self.deviations else Level.OK

    @property
    def summary(self) -> str:
        """One sentence: as expected, or how many deviations and how many hurt."""
        if self.catalog is None:
            return SILENT
        bad = [found for found in self.deviations if found.level != Level.OK]
        if not bad:
            return "The platform looks as we expect."
        off = sum(found.switches_off for found in bad)
        noun = "deviation" if len(bad) == 1 else "deviations"
        verb = "switches" if off == 1 else "switch"
        return f"{len(bad)} {noun}, {off or 'none'} {verb} something off."

    def lacks(self, *needs: str) -> list[str]:
        """A sentence for each thing that keeps these needs from being met.

        A need is "table" or "table.column". Raises ValueError for one that no model
        names: nobody would notice when it is missing.
        """
        if strange := [need for need in needs if unknown(need)]:
            raise ValueError(f"No model of the platform names {', '.join(strange)}.")
        if self.catalog is None:
            return [SILENT]
        return [
            str(found)
            for found in self._reading
            if any(found.concerns(need) for need in needs)
        ]

    def explains(self, error: str) -> list[str]:
        """Why a query failed: what is lacking and named in PostgreSQL's message."""
        words = set(re.findall(r"\w+", error))
        return [
            str(found)
            for found in self._reading
            if {found.column or found.table} <= words
        ]

    def lacks_grants(
        self,
        updates: Mapping[str, Collection[str]],
        *,
        inserts: Mapping[str, Collection[str]] | None = None,
        deletes: Collection[str] = (),
        reads: Collection[str] = (),
    ) -> list[str]:
        """A sentence for each privilege the writer role lacks.

        `updates` and `inserts` map a table to columns, `deletes` names tables, `reads`
        what the writer selects by ("table.column").
        """
        if self.catalog is None:
            return [SILENT]
        if self.catalog.server.writer is None:
            return [str(connection.no_writer())]
        use = uses.Use("", frozenset(reads), updates, inserts or {}, deletes)
        return [str(found) for found in writing.missing(self.catalog, use.grants())]

    @property
    def interval_hours(self) -> tuple[int, int] | None:
        """The shortest and the longest sync interval allowed."""
        return limits.bounds(self.catalog, limits.INTERVAL) if self.catalog else None

    @property
    def priorities(self) -> tuple[int, int] | None:
        """The lowest and the highest priority allowed."""
        return limits.bounds(self.catalog, limits.PRIORITY) if self.catalog else None

    @property
    def retention_days(self) -> tuple[int, int] | None:
        """The shortest and the longest retention allowed."""
        return limits.bounds(self.catalog, limits.RETENTION) if self.catalog else None

    @property
    def tiers(self) -> tuple[str, ...]:
        """The price tiers from the cheapest on; those in use where none are declared."""
        declared = limits.choices(self.catalog, limits.TIER) if self.catalog else None
        return limits.by_price(self.tiers_in_use if declared is None else declared)

    @property
    def sync_statuses(self) -> tuple[str, ...]:
        """The values of last_sync_status, by the alphabet; empty where any is allowed."""
        declared = limits.choices(self.catalog, limits.STATUS) if self.catalog else None
        return tuple(sorted(declared or ()))

    @cached_property
    def _reading(self) -> list[Deviation]:
        if self.catalog is None:
            return []
        return [
            deviation
            for expected in expected_tables().values()
            for deviation in reading.deviations(expected, self.catalog)
        ]
