"""Whoever holds a run proves it in the transaction of everything it stores."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from opsconsole.operations.models import Run


class LeaseLost(Exception):
    """Another worker may have the run; this one must stop without a trace."""


@contextmanager
def proving(run: Run) -> Iterator[None]:
    """A transaction of the console that proves and prolongs the lease. Raises LeaseLost."""
    with transaction.atomic():
        if not run.renew_lease():
            raise LeaseLost
        yield
