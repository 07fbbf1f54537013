"""Times and ratios."""

import time
from collections.abc import Callable
from statistics import median

NOTHING = 0.000_05  # seconds; a bare side that asks nothing takes less


def timed(deed: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def ratio(title: str, ours: list[float], bare: list[float]) -> str:
    """One line: the ratio of the medians, and the medians in milliseconds."""
    a, b = median(ours), median(bare)
    if b < NOTHING:
        return f"  {title:<48}      –   ({a * 1000:,.1f} ms / asks nothing)"
    return f"  {title:<48} {a / b:6.2f}×   ({a * 1000:,.1f} ms / {b * 1000:,.1f} ms)"
