from opsconsole.operations.models.plan import Chunk, Step
from opsconsole.operations.models.run import FREE, IllegalMove, Run, RunQuerySet

__all__ = ["FREE", "Chunk", "IllegalMove", "Run", "RunQuerySet", "Step"]
