"""While things are being prepared, every way to stop us is a KeyboardInterrupt."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def heeded() -> list[signal.Signals]:
    """The signals that stop us: not those that `nohup` or a background shell had ignored."""
    return [sign for sign in STOPPING if signal.getsignal(sign) is not signal.SIG_IGN]


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt for each of them, so that `finally` clauses run."""
    before = {
        sign: signal.signal(sign, signal.default_int_handler) for sign in heeded()
    }
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
