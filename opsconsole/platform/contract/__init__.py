"""Does the platform still look as we expect?

`current()` compares the models with the platform's catalogs and says each difference in
a sentence. Nobody else looks: a page or an operation whose needs are not met switches
itself off, and the rest works.
"""

import logging
from contextlib import AbstractContextManager
from threading import Lock
from time import monotonic

from django.conf import settings
from django.db import InterfaceError, OperationalError
from psycopg.errors import QueryCanceled

from opsconsole.platform.contract import catalog, limits
from opsconsole.platform.contract.connection import SILENT
from opsconsole.platform.contract.deviation import Deviation, Level
from opsconsole.platform.contract.expectation import expected_tables
from opsconsole.platform.contract.report import Contract
from opsconsole.platform.contract.uses import register
from opsconsole.platform.deadline import TOO_LATE, deadline, left

__all__ = ["SILENT", "Contract", "Deviation", "Level", "current", "forget", "register"]

KEPT = 60  # seconds one process believes what it read
LOOKING = 1.5  # seconds at most; pages wait for it, with what is left of their time
LEAST = 0.5  # seconds, also where we have used up the page's time ourselves
RETRY = 5  # seconds until a platform that did not answer is asked again

log = logging.getLogger(__name__)
_lock = Lock()
_kept: tuple[float, Contract] | None = None  # good until (monotonic), contract


def current(*, refresh: bool = False) -> Contract:
    """The contract as this process knows it, read anew when it is old or `refresh`.

    Never raises for a platform that is down: the contract says so.
    """
    global _kept
    kept = _kept
    if kept and not refresh and (monotonic() < kept[0] or _lock.locked()):
        return kept[1]  # also while another thread looks: it may take seconds
    with _lock:
        latest = _kept
        if latest and latest is not kept and not refresh:
            return latest[1]  # somebody looked while we waited
        contract = _read(latest[1] if latest else None)
        _kept = (monotonic() + (KEPT if contract.settled else RETRY), contract)
        return contract


def forget() -> None:
    """Let the next caller look again."""
    global _kept
    _kept = None


def _read(known: Contract | None) -> Contract:
    """Look; a platform that is only slow stays what it was known to be."""
    writer = str(settings.DATABASES["platform_write"]["USER"])
    try:
        with _looking():
            found = catalog.read(expected_tables(), writer)
    except (OperationalError, InterfaceError) as error:
        reason = " ".join(str(error).split())
        log.warning("%s %s", SILENT, reason)
        if known and known.reachable and _only_late(error):
            return known
        return Contract(None, reason)
    contract = Contract(found)
    undeclared = limits.choices(found, limits.TIER) is None
    if undeclared and not contract.lacks("workspaces.tier"):
        return Contract(found, tiers_in_use=_tiers_in_use())
    return contract


def _looking() -> AbstractContextManager[None]:
    return deadline(min(LOOKING, max(LEAST, left())))


def _only_late(error: Exception) -> bool:
    """Whether it was our patience that ended."""
    return isinstance(error.__cause__, QueryCanceled) or TOO_LATE in str(error)


def _tiers_in_use() -> frozenset[str]:
    """None when the question takes too long: the contract is worth more than the tiers."""
    try:
        with _looking():
            return catalog.tiers_in_use()
    except (OperationalError, InterfaceError) as error:
        log.warning("The tiers in use could not be read: %s", error)
        return frozenset()
