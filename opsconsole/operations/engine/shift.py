"""What a worker learns while it holds a run, and forgets when it hands over."""

from opsconsole.operations.engine.pace import Pace
from opsconsole.operations.engine.throttle import Throttle
from opsconsole.operations.lane import Lane
from opsconsole.operations.models import Chunk


class Shift:
    """One worker's time with one run."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.throttle = Throttle()
        self.lane = Lane()
        self.settled = False  # nothing is in doubt since this worker looked
        self.ready: list[
            Chunk
        ] = []  # the next ones, read ahead: nobody else takes them
        self.step: int | None = None  # the one that was announced last

    def close(self) -> None:
        """Leave nothing open behind."""
        self.lane.close()
