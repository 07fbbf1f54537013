"""The SQL that lets the writing role do an operation and its undo, and nothing else.

Derived from `Operation.writes`: an undo writes the same columns back, so the same
grants serve both. `manage.py platform_grants` writes the files in grants/.
"""

from pathlib import Path

from opsconsole.operations.catalog import OPERATIONS, Operation

FOLDER = Path(__file__).parent / "grants"
WRITER = "opsconsole_writer"


def grant_sql(operation: type[Operation]) -> str:
    """The statements for one operation; they may be run any number of times."""
    lines = [
        f"-- {operation.title}, and its undo. Run as the owner of the tables.",
        "-- Made by `manage.py platform_grants`; change Operation.writes instead.",
    ]
    for table, columns in sorted(operation.written_columns().items()):
        names = ", ".join(sorted(columns))
        lines.append(f"GRANT UPDATE ({names}) ON {table} TO {WRITER};")
    return "\n".join(lines) + "\n"


def grant_files() -> dict[Path, str]:
    """Each operation's file and what belongs into it."""
    return {
        FOLDER / f"{operation.slug}.sql": grant_sql(operation)
        for operation in OPERATIONS.values()
    }
