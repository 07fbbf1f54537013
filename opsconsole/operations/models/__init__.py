from opsconsole.operations.models.approval import Approval
from opsconsole.operations.models.notes import EffectCheck, LogLine
from opsconsole.operations.models.plan import Chunk, Step
from opsconsole.operations.models.run import FREE, IllegalMove, Run, RunQuerySet

__all__ = [
    "FREE",
    "Approval",
    "Chunk",
    "EffectCheck",
    "IllegalMove",
    "LogLine",
    "Run",
    "RunQuerySet",
    "Step",
]
