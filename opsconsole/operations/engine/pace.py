"""How many chunks one transaction takes: as many as keep its locks short.

Measured: 500 to 5,000 rows a transaction keep a concurrent sync worker's p99 within
four times idle, and 50 to 100 ms of lock time cost no throughput.
"""

SHORT, LONG = 0.05, 0.1  # seconds of lock time to stay between
MOST_CHUNKS = 10  # 5,000 rows


class Pace:
    """Doubles while quick, halves when slow."""

    def __init__(self) -> None:
        self.chunks = 1
        self.failures = 0  # in a row

    def took(self, seconds: float) -> None:
        """Learn from the batch just written."""
        self.failures = 0
        if seconds < SHORT:
            self.chunks = min(self.chunks * 2, MOST_CHUNKS)
        elif seconds > LONG:
            self.slow_down()

    def failed(self) -> None:
        """Learn from a batch that the platform refused."""
        self.failures += 1
        self.slow_down()

    def slow_down(self) -> None:
        self.chunks = max(self.chunks // 2, 1)
