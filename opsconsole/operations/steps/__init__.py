"""What an operation is made of, one file per kind.

One step per group of columns that can be restored on its own, since only a step's own
columns are compared when it is applied or undone.
"""

from opsconsole.operations.steps.base import Result, StepSpec, Texts
from opsconsole.operations.steps.call import Call, Target
from opsconsole.operations.steps.change_rows import ChangeRows
from opsconsole.operations.steps.delete_rows import DeleteRows
from opsconsole.operations.steps.insert_rows import InsertRows
from opsconsole.operations.steps.move_rows import MoveRows
from opsconsole.operations.steps.statement import Statement
from opsconsole.operations.steps.undo_of import UndoOf

KINDS: dict[str, type[StepSpec]] = {
    kind.kind: kind
    for kind in (ChangeRows, InsertRows, DeleteRows, MoveRows, Statement, Call)
}

__all__ = [
    "KINDS",
    "Call",
    "ChangeRows",
    "DeleteRows",
    "InsertRows",
    "MoveRows",
    "Result",
    "Statement",
    "StepSpec",
    "Target",
    "Texts",
    "UndoOf",
]
