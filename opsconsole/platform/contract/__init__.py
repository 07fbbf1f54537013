"""Does the platform still look as we expect?

`current()` compares the models with the platform's catalogs and says each difference in
a sentence. Nobody else looks: a page or an operation whose needs are not met switches
itself off, and the rest works.
"""

import logging
from threading import Lock
from time import monotonic

from django.conf import settings
from django.db import InterfaceError, OperationalError

from opsconsole.platform.contract import catalog, limits
from opsconsole.platform.contract.deviation import Deviation, Level
from opsconsole.platform.contract.expectation import expected_tables
from opsconsole.platform.contract.report import SILENT, Contract
from opsconsole.platform.contract.uses import register

__all__ = ["SILENT", "Contract", "Deviation", "Level", "current", "forget", "register"]

KEPT = 60  # seconds one process believes what it read
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
        if refresh or _kept is None or _kept is kept:
            contract = _read()
            age = KEPT if contract.reachable else RETRY
            _kept = (monotonic() + age, contract)
        return _kept[1]


def forget() -> None:
    """Let the next caller look again."""
    global _kept
    _kept = None


def _read() -> Contract:
    writer = str(settings.DATABASES["platform_write"]["USER"])
    try:
        found = catalog.read(expected_tables(), writer)
        contract = Contract(found)
        if limits.choices(found, limits.TIER) is None and not contract.lacks(
            "workspaces.tier"
        ):
            contract = Contract(found, tiers_in_use=catalog.tiers_in_use())
    except (OperationalError, InterfaceError) as error:
        log.warning("%s %s", SILENT, error)
        return Contract(None, str(error).strip())
    return contract
