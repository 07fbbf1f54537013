"""One difference between the platform and what the console expects of it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a deviation weighs, the heaviest first."""

    CRITICAL = "critical"  # the console is blind or powerless where it matters
    WARNING = "warning"  # one thing is switched off, or a person should look
    OK = "ok"  # information: foreseen, and the console copes


ORDER = {level: rank for rank, level in enumerate(Level)}


@dataclass(frozen=True)
class Deviation:
    """What is different, what follows from it here, and what to do about it.

    `problem` and `effect` are clauses, `remedy` is a sentence.
    """

    level: Level
    problem: str
    effect: str
    remedy: str
    table: str | None = None
    column: str | None = None
    switches_off: bool = True

    @property
    def sentence(self) -> str:
        """What is different and what follows from it."""
        return f"{self.problem}: {self.effect}."

    def concerns(self, need: str) -> bool:
        """Whether a feature that needs "table" or "table.column" suffers from it."""
        table, _, column = need.partition(".")
        return self.table == table and self.column in (None, column)

    def __str__(self) -> str:
        """What is different and what to do: said where it is clear what is off."""
        return f"{self.problem}. {self.remedy}"
