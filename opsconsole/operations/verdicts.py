"""What the console says about a plan or a finished run, one sentence each."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsconsole.operations.models import Run


class Level(StrEnum):
    """How much a verdict weighs."""

    OK = "ok"
    NOTE = "note"  # worth knowing
    WARNING = "warning"  # look before you confirm
    BLOCKING = "blocking"  # the plan cannot be confirmed; the run did not do its work


@dataclass(frozen=True)
class Verdict:
    """A named statement and whether it holds."""

    name: str
    level: Level
    sentence: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def counted(rows: int, noun: str = "row") -> str:
    """A number with its noun: 1 row, 2,525 rows, 3 days, 3 repositories."""
    return f"{rows:,} {nouns(noun, rows)}"


def nouns(noun: str, number: int = 2) -> str:
    """The noun that goes with that number: row, calls, repositories."""
    if number == 1:
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"


def changed_since(run: "Run") -> str:
    """When rows changed that a run skips: an undo plans what was, not what is."""
    if run.undo_of_id is None:
        return "changed after the plan"
    return f"changed since run {run.undo_of_id} wrote them"


def holds(name: str, condition: bool, *, yes: str, no: str) -> Verdict:
    """An invariant: fine, or blocking."""
    return Verdict(
        name, Level.OK if condition else Level.BLOCKING, yes if condition else no
    )
