"""Keep a lease alive while one piece of work takes longer than a lease may be silent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connections

from opsconsole.operations.models import Run

EVERY = 5.0  # seconds


@contextmanager
def beating(run: Run) -> Iterator[None]:
    """Renew the run's lease from a thread of its own until the work is done.

    A process that is stopped or killed stops beating too. The worker still proves its
    lease before it stores anything.
    """
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(run, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(run: Run, over: threading.Event) -> None:
    try:
        while not over.wait(EVERY):
            with suppress(DatabaseError):  # the next beat may get through
                if not run.renew_lease():
                    return
    finally:
        connections.close_all()
