"""What an operation is: a small class that says which rows become what.

The engine does everything else: plan, confirm, apply in chunks, verify, audit.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import Model, Q

from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Verdict
from opsconsole.platform import contract

if TYPE_CHECKING:
    from opsconsole.operations.models import EffectCheck, Run, Step

    Effect = EffectCheck.Effect

RISKS = ("routine", "elevated", "dangerous", "emergency")
PURPOSES = ("daily", "maintenance", "emergency")


class Operation:
    """One kind of intervention. The docstring says what it does to whom, and its source.

    `steps()` is pure: no clock, no writes, no HTTP. `writes` is the whole permission to
    write: the database role's grants are derived from it and the planner refuses more.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    purpose: ClassVar[str]  # one of PURPOSES
    risk: ClassVar[str]  # one of RISKS
    version: ClassVar[int] = 1  # raise it when steps() means something else than before
    icon: ClassVar[str] = "zap"
    reads: ClassVar[tuple[str, ...]] = ()  # "table.column" beyond what `writes` names
    writes: ClassVar[dict[type[Model], tuple[str, ...]]]
    effect_after: ClassVar[tuple[timedelta, ...]] = ()  # since the end; () for never

    class Form(forms.Form):
        """The parameters."""

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        """The steps, in order."""
        raise NotImplementedError

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        """What a run with these parameters is about, for lists and the audit."""
        raise NotImplementedError

    def facts(self, params: dict[str, Any], moment: Moment) -> dict[str, Any]:
        """What must be read before the steps can be said; JSON-able, kept in the plan.

        `steps()` finds it again as `moment.facts`.
        """
        return {}

    def risk_of(self, run: "Run") -> str:
        """The risk of this very plan, once its rows are counted."""
        return self.risk

    def invariants(self, run: "Run", moment: Moment) -> list[Verdict]:
        """Named statements about the plan; a blocking one forbids to confirm it."""
        return []

    def holds_after(self, params: dict[str, Any], step: "Step") -> Q | None:
        """What must hold afterwards of every row that a step wrote.

        None: that it still is exactly as it was written.
        """
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
        return "urgent" if cls.risk == "emergency" else "bulk"

    @classmethod
    def written_columns(cls) -> dict[str, tuple[str, ...]]:
        """Table -> the columns that the operation and its undo write."""
        return {model._meta.db_table: names for model, names in cls.writes.items()}

    @classmethod
    def needs(cls) -> tuple[str, ...]:
        """Every table.column without which the operation cannot work or name its rows."""
        needed = [*cls.reads]
        for model, columns in cls.writes.items():
            needed += [f"{model._meta.db_table}.{column}" for column in columns]
            needed += getattr(model, "described_by", ())
        return tuple(dict.fromkeys(needed))


OPERATIONS: dict[str, type[Operation]] = {}


def register(operation: type[Operation]) -> type[Operation]:
    """Class decorator: make the operation known.

    Raises ValueError on a second slug and on an unknown risk.
    """
    if operation.slug in OPERATIONS:
        raise ValueError(f"Two operations are called {operation.slug!r}.")
    if operation.risk not in RISKS:
        raise ValueError(f"{operation.slug}: no such risk as {operation.risk!r}.")
    OPERATIONS[operation.slug] = operation
    written = operation.written_columns()
    contract.register(operation.title, operation.needs(), updates=written)
    return operation
