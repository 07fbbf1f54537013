"""Times and ratios."""

import time
from collections.abc import Callable
from statistics import median


def timed(deed: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def ratio(title: str, ours: list[float], bare: list[float]) -> str:
    """One line: the ratio of the medians, and the medians in milliseconds."""
    a, b = median(ours), median(bare)
    return f"  {title:<44} {a / b:6.2f}×   ({a * 1000:,.1f} ms / {b * 1000:,.1f} ms)"
