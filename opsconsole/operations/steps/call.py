"""Call services outside: one chunk per target."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from opsconsole.operations.calling import CALLERS
from opsconsole.operations.models import Chunk, Step
from opsconsole.operations.steps.base import BY_CALLS, NEVER, NO_TABLE, StepSpec, Texts
from opsconsole.operations.steps.statement import array


@dataclass(frozen=True)
class Target:
    """What one call is about. The request is JSON-able and holds no secret."""

    key: UUID
    label: str
    request: dict[str, Any]


@dataclass(frozen=True)
class Call(StepSpec):
    """One call per target by a registered caller; see `operations.calling`.

    `unknown` says what a plan cannot know of it: whether the service will do it.
    """

    targets: list[Target]
    caller: str
    unknown: str = field(
        default="What the service answers, and what else it does, cannot be known before.",
        kw_only=True,
    )

    kind: ClassVar[str] = "call"
    noun: ClassVar[str] = "call"

    @property
    def undo(self) -> str:  # type: ignore[override]
        caller = CALLERS[self.caller]
        can = any(caller.opposite(target.request) for target in self.targets)
        return BY_CALLS if can else NEVER

    def stored(self) -> dict[str, Any]:
        spec = {"caller": self.caller, "undo": self.undo, "undo_note": self.undo_note}
        return {**NO_TABLE, "spec": spec}

    def size(self, most: int) -> int:
        return min(len(self.targets), most)

    def chunks(self, *, named: bool) -> Iterator[Texts]:
        for target in self.targets:
            after = json.dumps({"request": json.dumps(target.request, sort_keys=True)})
            yield Texts(f"{{{target.key}}}", after=after, labels=array([target.label]))

    def summary(self, stored: Step) -> dict[str, Any]:
        targets = [{"label": one.label, "request": one.request} for one in self.targets]
        return {"note": self.unknown, "targets": targets[:20]}

    @classmethod
    def holding(cls, chunk: Chunk) -> int:
        return chunk.rows_written

    @classmethod
    def opposite(cls, step: Step) -> dict[str, Any] | None:
        if step.spec["undo"] == NEVER:
            return None
        spec = {"caller": step.spec["caller"], "undo": NEVER}
        return {**NO_TABLE, "kind": cls.kind, "spec": spec}

    @classmethod
    def shown(cls, step: Step) -> list[tuple[str, str]]:
        chunk = step.chunks.order_by("number").first()
        return [("The first request", chunk.after["request"])] if chunk else []
