"""Who needs what of the platform: registered by pages and operations, told by name.

The contract stands below them and cannot import them; so they come here, and a missing
column can say whom it switches off.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

Columns = Mapping[str, Collection[str]]  # table -> columns
Grant = tuple[str, str, str | None]  # privilege, table, column (None: the whole table)
EVERY = "*"  # among columns: all that the table has, also those that no model names


@dataclass(frozen=True)
class Use:
    """What one feature reads and, through the writer role, changes."""

    feature: str  # the title people see: "Workspaces", "Double intervals"
    needs: frozenset[str]  # "table" or "table.column"
    updates: Columns = field(default_factory=dict)
    inserts: Columns = field(default_factory=dict)
    deletes: Collection[str] = ()  # tables

    def grants(self) -> set[Grant]:
        """Each privilege the writer needs; none for a feature that only reads.

        An operation's selection is checked again while it writes, so the writer must
        be able to read what the feature needs.
        """
        grants: set[Grant] = {("DELETE", table, None) for table in self.deletes}
        for privilege, written in (("UPDATE", self.updates), ("INSERT", self.inserts)):
            for table, names in written.items():
                columns = {None if name == EVERY else name for name in names}
                grants |= {(privilege, table, column) for column in columns}
        if grants:
            read = [need.split(".", 1) for need in self.needs if "." in need]
            grants |= {("SELECT", table, column) for table, column in read}
        return grants


USES: dict[str, Use] = {}


def register(
    feature: str,
    needs: Iterable[str] = (),
    *,
    updates: Columns | None = None,
    inserts: Columns | None = None,
    deletes: Collection[str] = (),
) -> None:
    """Note what a feature needs; several parts of one feature add up."""
    known = USES.get(feature)
    USES[feature] = Use(
        feature,
        frozenset(needs) | (known.needs if known else frozenset()),
        dict(known.updates if known else {}) | dict(updates or {}),
        dict(known.inserts if known else {}) | dict(inserts or {}),
        {*deletes, *(known.deletes if known else ())},
    )


def readers_of(table: str, column: str | None) -> list[str]:
    """The features that need this column, or anything of this table without a column."""
    return sorted(
        {
            use.feature
            for use in USES.values()
            for place, _, name in (need.partition(".") for need in use.needs)
            if place == table and column in (None, name)
        }
    )


def writers_of(privilege: str, table: str, column: str | None) -> list[str]:
    """The features that need this privilege on this column, or on any without one."""
    return sorted(
        {
            use.feature
            for use in USES.values()
            for needed, place, name in use.grants()
            if needed == privilege and place == table and column in (None, name)
        }
    )


def switched_off(features: Iterable[str]) -> str:
    """The clause that says what is off: "Workspaces and Runs are switched off"."""
    names = sorted(set(features))
    if not names:
        return "what needs it is switched off"
    if len(names) == 1:
        return f"{names[0]} is switched off"
    return f"{', '.join(names[:-1])} and {names[-1]} are switched off"
