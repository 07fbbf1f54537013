"""What a worker learns while it holds a run, and forgets when it hands over."""

from opsconsole.operations.engine.throttle import Throttle
from opsconsole.operations.models import Chunk
from opsconsole.operations.pace import Pace


class Shift:
    """One worker's time with one run."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.throttle = Throttle()
        self.settled = False  # nothing is in doubt since this worker looked
        self.ready: list[
            Chunk
        ] = []  # the next ones, read ahead: nobody else takes them
        self.step: int | None = None  # the one that was announced last
