"""The SQL that lets the writing role do an operation and its undo, and nothing else.

Derived from what the operation says it writes. `manage.py platform_grants` writes the
files in grants/. What a selection reads, the role may read anyway: platform/grants/.
"""

from collections.abc import Iterator
from pathlib import Path

from opsconsole.operations.catalog import OPERATIONS, Operation
from opsconsole.operations.rights import EVERY_COLUMN
from opsconsole.platform.models import MODELS

FOLDER = Path(__file__).parent / "grants"
WRITER = "opsconsole_writer"


def grant_sql(operation: type[Operation]) -> str:
    """The statements for one operation; they may be run any number of times."""
    lines = [
        f"-- {operation.title}, and its undo. Run as the owner of the tables.",
        "-- Made by `manage.py platform_grants`; change Operation.writes instead.",
        *_grants(operation),
    ]
    return "\n".join(lines) + "\n"


def grant_files() -> dict[Path, str]:
    """Each operation's file and what belongs into it."""
    return {
        FOLDER / f"{operation.slug}.sql": grant_sql(operation)
        for operation in OPERATIONS.values()
    }


def _grants(operation: type[Operation]) -> Iterator[str]:
    for table, columns in sorted(operation.written_columns().items()):
        yield _grant(_of("UPDATE", columns), table)
    for table, columns in sorted(operation.inserted_columns().items()):
        yield _grant(_of("INSERT", columns), table)
    for table in sorted(operation.deleted_tables()):
        yield _grant("DELETE", table)


def _of(privilege: str, columns: tuple[str, ...]) -> str:
    """The privilege, for these columns or for all that the table has."""
    whole = columns == EVERY_COLUMN
    return privilege if whole else f"{privilege} ({', '.join(sorted(columns))})"


def _grant(privilege: str, table: str) -> str:
    """One statement; of a table that a platform need not have, only where it is there."""
    grant = f"GRANT {privilege} ON {table} TO {WRITER};"
    if not getattr(MODELS[table], "optional", False):
        return grant
    return f"DO $$ BEGIN IF to_regclass('{table}') IS NOT NULL THEN {grant} END IF; END $$;"
