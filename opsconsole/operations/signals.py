"""The hook for whoever tells people: a room above connects a receiver.

Each is sent after the commit, with `run`; `decided` with `approval` as well. A receiver
that fails is logged by Django and stops nobody.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from opsconsole.operations.models import Run

approval_asked = Signal()  # a second person must approve or reject
decided = Signal()  # a second person approved, rejected or reviewed
emergency_started = Signal()  # one person began it alone; others should know
ended = Signal()  # the run is at its end, whatever became of it


def send(signal: Signal, run: Run, **facts: Any) -> None:
    """Send once the caller's transaction is committed; at once when there is none."""
    transaction.on_commit(partial(signal.send_robust, Run, run=run, **facts))
