from opsconsole.operations.models.plan import Chunk, Step
from opsconsole.operations.models.run import IllegalMove, Run, RunQuerySet

__all__ = ["Chunk", "IllegalMove", "Run", "RunQuerySet", "Step"]
