"""How fast a run writes, and how long what is left will take."""

from datetime import timedelta

from opsconsole.operations.models import Run
from opsconsole.web import formats

TELLING = timedelta(seconds=2)  # of writing, or …
TELLING_SHARE = 0.02  # … of the rows; before that a rate says nothing


def per_second(run: Run) -> float | None:
    """Rows a second while it was writing, without its waits; None: not known yet."""
    if not run.worked or not run.rows_done:
        return None
    if run.worked < TELLING and run.rows_done < TELLING_SHARE * run.rows_planned:
        return None
    return run.rows_done / run.worked.total_seconds()


def left(run: Run) -> timedelta | None:
    """How long it would still write at this rate; None: not known yet."""
    rate = per_second(run)
    return None if rate is None else timedelta(seconds=run.rows_left / rate)


def sentence(run: Run) -> str:
    """Both for the page: `1 234 rows/s · about 2 min 5 s left`."""
    rate, rest = per_second(run), left(run)
    if rate is None or rest is None:
        return "Speed and time left: unknown yet."
    shown = formats.number(rate, 0 if rate >= 10 else 1)
    return f"{shown} rows/s · about {formats.duration(rest)} left."
