"""One difference between the platform and what the console expects of it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a deviation weighs."""

    CRITICAL = "critical"  # the console is blind or powerless where it matters
    WARNING = "warning"  # one thing is switched off, or a person should look
    OK = "ok"  # information: foreseen, and the console copes


ORDER = {level: rank for rank, level in enumerate(Level)}


@dataclass(frozen=True)
class Deviation:
    """What is different, what that switches off, and what to do about it."""

    level: Level
    sentence: str
    remedy: str = ""
    table: str | None = None
    column: str | None = None
    switches_off: bool = False

    def concerns(self, need: str) -> bool:
        """Whether a feature that needs "table" or "table.column" suffers from it."""
        table, _, column = need.partition(".")
        return self.table == table and self.column in (None, column)

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()
