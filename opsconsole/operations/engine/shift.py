"""What a worker learns while it holds a run, and forgets when it hands over."""

from opsconsole.operations.engine.throttle import Throttle
from opsconsole.operations.pace import Pace


class Shift:
    """One worker's time with one run."""

    def __init__(self) -> None:
        self.pace = Pace()
        self.throttle = Throttle()
        self.step: int | None = None  # the one that was announced last
