"""Bring a run to its end from a terminal: work in this process, say how far it is.

A worker that is quicker is as good. Ctrl-C asks to cancel, as a button on the page does.
"""

import signal
import time
from datetime import timedelta
from threading import Event, Thread, current_thread, main_thread
from types import FrameType
from typing import Any

from django.core.management.base import OutputWrapper
from django.db import DatabaseError, connections

from opsconsole.accounts.models import User
from opsconsole.operations import decisions, tasks
from opsconsole.operations.models import Run
from opsconsole.operations.states import State
from opsconsole.web.formats import duration

POLL = 0.2  # seconds between two looks at a run that another worker holds
LOOK = 0.5  # seconds between two lines of progress
CLEAR = "\r\x1b[2K"  # to the line's begin, and empty it
ASKED = (
    "Asked to cancel: it stops after its current chunk. Ctrl-C again leaves it alone."
)


def follow(run: Run, user: User, out: OutputWrapper) -> None:
    """Move the run on until it has ended or a person must decide.

    Progress goes to `out` where that is a terminal. Raises KeyboardInterrupt at the
    second Ctrl-C; then the workers go on without us.
    """
    if not run.is_working:
        return
    with _Watch(run, user, out):
        while run.is_working:
            tasks.work(run.pk)
            run.refresh_from_db()
            if run.is_working:
                time.sleep(POLL)


def in_words(run: Run) -> str:
    """How far it is, on one line."""
    if run.state == State.PLANNING:
        of = f" of about {run.rows_expected:,}" if run.rows_expected else ""
        return f"planning: {run.rows_planned:,}{of} rows"
    if run.state == State.WAITING:
        return f"waiting: {run.waiting_for}"
    if run.state == State.QUEUED and run.behind_id:
        return f"in line behind run {run.behind_id}"
    if run.state != State.APPLYING:
        return run.state
    return f"{run.rows_done:,} of {run.rows_planned:,} rows{_rate(run)}"


def _rate(run: Run) -> str:
    """By the time spent writing: waits and pauses do not count."""
    seconds = run.worked.total_seconds()
    if not run.rows_done or seconds < 1:
        return ""
    rate = run.rows_done / seconds
    left = duration(timedelta(seconds=round(run.rows_left / rate)))
    return f", {rate:,.0f} rows/s, about {left} left"


class _Watch:
    """A second thread, with connections of its own, beside the one that works."""

    def __init__(self, run: Run, user: User, out: OutputWrapper) -> None:
        self.run_id, self.user, self.out = run.pk, user, out
        self.shows = out.isatty()
        self.interrupted, self.over = Event(), Event()
        self.thread = Thread(target=self._watch, daemon=True)
        self.before: Any = None

    def __enter__(self) -> None:
        if current_thread() is main_thread():  # nobody else gets signals
            self.before = signal.signal(signal.SIGINT, self._interrupt)
        self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.thread.join()
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)
        if self.shows:
            self._write(CLEAR)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.interrupted.is_set():
            raise KeyboardInterrupt
        self.interrupted.set()

    def _watch(self) -> None:
        asked = False
        try:
            while not self.over.wait(LOOK):
                try:
                    asked = asked or (self.interrupted.is_set() and self._cancel())
                    if self.shows:
                        line = in_words(Run.objects.get(pk=self.run_id))
                        self._write(f"{CLEAR}{line[:78]}")
                except DatabaseError:
                    continue  # the console's database is away: the worker says so
        finally:
            connections.close_all()

    def _cancel(self) -> bool:
        run = Run.objects.get(pk=self.run_id)
        try:
            decisions.cancel(run, self.user)
        except decisions.Refused as refusal:
            self._say(str(refusal))
        else:
            self._say("Cancelled." if run.is_finished else ASKED)
        return True

    def _say(self, sentence: str) -> None:
        self._write(f"{CLEAR if self.shows else ''}{sentence}\n")

    def _write(self, text: str) -> None:
        self.out.write(text, style_func=str, ending="")
        self.out.flush()
