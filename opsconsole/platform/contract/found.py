"""The platform as its catalogs describe it: only the tables we expect."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Server:
    """Where we are and as whom; `writer` is None when there is no such role."""

    version_number: int  # 150008 is 15.8
    version: str
    database: str
    reader: str
    writer: str | None

    @property
    def roles(self) -> list[str]:
        return [role for role in (self.reader, self.writer) if role]


@dataclass(frozen=True)
class Access:
    """What one role may do with one table, and whether policies hide rows from it."""

    enters: bool  # USAGE on the schema
    deletes: bool
    rows_hidden: bool = False
    updates_filtered: bool = False


@dataclass(frozen=True)
class FoundColumn:
    """A column as it is; `labels` are the values of an enum type."""

    type: str
    labels: tuple[str, ...]
    granted: frozenset[str]  # "UPDATE opsconsole_writer"


@dataclass(frozen=True)
class FoundTable:
    """A table as it is."""

    schema: str
    access: dict[str, Access] = field(default_factory=dict)  # by role
    columns: dict[str, FoundColumn] = field(default_factory=dict)
    checks: list[str] = field(default_factory=list)  # pg_get_constraintdef()

    def grants(self, privilege: str, column: str | None, role: str) -> bool:
        """Whether the role may SELECT, INSERT, UPDATE the column or DELETE rows.

        Without a column: every one that the table has.
        """
        if not self.access[role].enters:
            return False
        if privilege == "DELETE":
            return self.access[role].deletes
        granted = f"{privilege} {role}"
        if column is None:
            return all(granted in found.granted for found in self.columns.values())
        return column in self.columns and granted in self.columns[column].granted


@dataclass(frozen=True)
class Catalog:
    """The expected tables that exist, by name."""

    server: Server
    tables: dict[str, FoundTable]
    complete: bool = (
        True  # False: a table was locked, so that no CHECK or policy could be read
    )

    def column(self, table: str, column: str) -> FoundColumn | None:
        found = self.tables.get(table)
        return found.columns.get(column) if found else None
