"""What an operation is: a small class that says which rows become what.

The engine does everything else: plan, confirm, apply in chunks, verify, audit.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import Q

from opsconsole.operations.moment import Moment
from opsconsole.operations.rights import Rights
from opsconsole.operations.risks import Risk
from opsconsole.operations.steps import StepSpec
from opsconsole.operations.verdicts import Verdict
from opsconsole.platform import contract

if TYPE_CHECKING:
    from opsconsole.operations.models import EffectCheck, Run, Step

    Effect = EffectCheck.Effect

PURPOSES = ("daily", "maintenance", "emergency")


class Operation(Rights):
    """One kind of intervention. The docstring says what it does to whom, and its source.

    `steps()` is pure: no clock, no writes, no HTTP.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    purpose: ClassVar[str]  # one of PURPOSES
    risk: ClassVar[str]  # a Risk
    version: ClassVar[int] = 1  # raise it when steps() means something else than before
    icon: ClassVar[str] = "zap"
    reads: ClassVar[tuple[str, ...]] = ()  # "table.column" beyond what it writes
    asks_outside: ClassVar[bool] = (
        False  # `facts()` asks a service, and may wait for it
    )
    most_rows: ClassVar[int | None] = None  # of one table; a plan above it is refused
    most_share: ClassVar[float | None] = None  # of one table, 0..1; the same
    effect_after: ClassVar[tuple[timedelta, ...]] = ()  # since the end; () for never

    class Form(forms.Form):
        """The parameters."""

    def steps(self, params: dict[str, Any], moment: Moment) -> Sequence[StepSpec]:
        """The steps, in order."""
        raise NotImplementedError

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        """What a run with these parameters is about, for lists and the audit."""
        raise NotImplementedError

    def usual(self) -> dict[str, Any] | None:
        """Parameters as most people mean them; None where one has to choose."""
        return None

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        """What must be read before the steps can be said; JSON-able, kept in the plan.

        `steps()` finds it again as `moment.facts`.
        """
        return {}

    def meant(self, run: "Run") -> tuple[int, str] | None:
        """How many of what a person chose, where that is not the rows; None: the rows."""
        return None

    def risk_of(self, run: "Run") -> str:
        """The risk of this very plan, once its rows are counted."""
        return self.risk

    def tiers_meant(self, params: dict[str, Any]) -> Collection[str] | None:
        """The only price tiers whose rows it may touch; None for any."""
        return None

    def invariants(self, run: "Run", moment: Moment) -> list[Verdict]:
        """Named statements about the plan; a blocking one forbids to confirm it."""
        return []

    def holds_after(self, params: dict[str, Any], step: "Step") -> Q | None:
        """What must hold afterwards of every row that a step wrote.

        None: that it still is exactly as it was written.
        """
        return None

    def proofs(self, run: "Run", moment: Moment) -> list[Verdict]:
        """What must hold of the whole platform afterwards, read from it.

        Part of the verification; one that is not OK makes it "with problems".
        """
        return []

    def rest(self, run: "Run") -> tuple[str, dict[str, Any]] | None:
        """Operation and parameters for what a run has left undone; None: all of it again."""
        return None

    def effect(self, run: "Run", moment: Moment) -> "tuple[Effect, str]":
        """Whether the run has brought about what it was for, as a word and a sentence.

        Asked at each of `effect_after`; read from the platform.
        """
        raise NotImplementedError

    @classmethod
    def summary(cls) -> str:
        """The first paragraph of the docstring: the page's help text."""
        return " ".join((cls.__doc__ or "").split("\n\n")[0].split())

    @classmethod
    def permission(cls) -> str:
        """The permission to start it, as Django names it."""
        return f"operations.run_{cls.slug.replace('-', '_')}"

    @classmethod
    def cluster(cls) -> str:
        """Which workers run it: an emergency never waits behind bulk work."""
        return "urgent" if cls.risk == Risk.EMERGENCY else "bulk"

    @classmethod
    def needs(cls) -> tuple[str, ...]:
        """Every table.column without which the operation cannot work or name its rows."""
        needed = [*cls.reads]
        for named in (cls.written_columns(), cls.inserted_columns()):
            for table, columns in named.items():
                needed += [f"{table}.{one}" for one in columns if one != "*"]
        for model in cls.touched().values():
            needed += getattr(model, "described_by", ())
        return tuple(dict.fromkeys(needed))

    @classmethod
    def obstacles(cls, platform: contract.Contract) -> list[str]:
        """What else keeps it from working on this platform, one sentence each."""
        return []


OPERATIONS: dict[str, type[Operation]] = {}


def register(operation: type[Operation]) -> type[Operation]:
    """Class decorator: make the operation known.

    Raises ValueError on a second slug and on an unknown risk.
    """
    if operation.slug in OPERATIONS:
        raise ValueError(f"Two operations are called {operation.slug!r}.")
    if operation.risk not in [*Risk]:
        raise ValueError(f"{operation.slug}: no such risk as {operation.risk!r}.")
    OPERATIONS[operation.slug] = operation
    contract.register(
        operation.title,
        operation.needs(),
        updates=operation.written_columns(),
        inserts=operation.inserted_columns(),
        deletes=operation.deleted_tables(),
    )
    return operation
