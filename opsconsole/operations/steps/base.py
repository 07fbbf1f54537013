"""What every kind of step can do: be planned into chunks, and have its chunks applied."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from opsconsole.operations.models import Chunk, Step

EACH: dict[str, list[str]] = {"before": [], "after": []}  # no value is stored once
NO_TABLE: dict[str, Any] = {"table": "", "key": "", "columns": {}, "selection_sql": ""}
EXACT, NEVER, BY_CALLS = "exact", "never", "by opposite calls"  # how a step is undone
PASSING = "passing"  # what it leaves is gone when the run ends


@dataclass(frozen=True)
class Texts:
    """A chunk on its way into the journal, as PostgreSQL prints it."""

    keys: str  # uuid[]
    before: str = "{}"  # jsonb: column -> values in the order of keys, or one for all
    after: str = "{}"
    labels: str | None = None  # text[]


@dataclass(frozen=True)
class Result:
    """What one chunk's transaction did, known before it commits.

    `exceptions`: position in keys -> {"why", "holds"}; what is not named was done by us.
    """

    xid: str
    exceptions: dict[str, dict[str, Any]]
    lock_ms: int = 0
    answer: dict[str, Any] | None = None

    @property
    def found(self) -> int:
        """Rows that held their after-value already."""
        return sum(item["why"] == "found" for item in self.exceptions.values())


@dataclass(frozen=True)
class StepSpec:
    """A step as an operation says it; the planner stores it, the engine applies it.

    An `optional` step that fails is left with its reason, and the run goes on. Where it
    is `expected` that others change some rows first, says why; these are no problem.
    What a `passing` step leaves is gone when the run ends, so there is nothing to undo.
    """

    title: str
    optional: bool = field(default=False, kw_only=True)
    expected: str = field(default="", kw_only=True)
    passing: bool = field(default=False, kw_only=True)
    undo_note: str = field(default="", kw_only=True)  # "restorable until the next sync"

    kind: ClassVar[str]
    side_by_side: ClassVar[bool] = False  # two chunks may be written at once
    noun: ClassVar[str] = "row"
    undo: ClassVar[str] = EXACT

    def stored(self) -> dict[str, Any]:
        """The fields of the stored step. Raises LookupError for a missing column."""
        raise NotImplementedError

    def size(self, most: int) -> int:
        """How many rows would change, counted up to `most`."""
        raise NotImplementedError

    def selected(self) -> int | None:
        """How many rows were chosen, changing or not; None where that says nothing."""
        return None

    def chunks(self, *, named: bool) -> Iterator[Texts]:
        """Every change, streamed from the plan's snapshot; `named` with rows' names."""
        raise NotImplementedError

    def summary(self, stored: Step) -> dict[str, Any]:
        """What the plan's page shows of it, ready for JSON; its chunks are stored."""
        return {}

    def explain(self) -> str:
        """PostgreSQL's plan of the query that finds the rows; empty where there is none."""
        return ""

    @classmethod
    def apply(cls, cursor: CursorWrapper, chunk: Chunk) -> Result:
        """Carry one chunk out inside the platform's open transaction."""
        raise NotImplementedError

    @classmethod
    def holding(cls, chunk: Chunk) -> int:
        """How many of the rows that we wrote are now exactly as we left them."""
        raise NotImplementedError

    @classmethod
    def opposite(cls, step: Step) -> dict[str, Any] | None:
        """The stored fields of the step that undoes this one; None if nothing can."""
        return None

    @classmethod
    def shown(cls, step: Step) -> list[tuple[str, str]]:
        """What is sent to the platform, for people: (title, text)."""
        return []
