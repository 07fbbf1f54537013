"""Tie the life of a process to that of its parent: Linux's PR_SET_PDEATHSIG.

The kernel then sends SIGKILL when the parent ends, however it ends. It watches the
*thread* that forked, so only main threads may fork here. A fork clears the request,
an exec keeps it. Elsewhere than on Linux these functions do nothing.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h

# Looked up here: between a fork and an exec, with other threads about, we must not.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """End this process when its parent, whose id is given, ends; at once if it has already."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended between the fork and the request
            os._exit(1)


def tether_forks() -> None:
    """Let every process that this one forks, and those that they fork, die with its parent."""
    parent = os.getpid()

    def tether() -> None:
        nonlocal parent
        die_with(parent)
        parent = os.getpid()

    os.register_at_fork(after_in_child=tether)
