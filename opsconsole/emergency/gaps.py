"""What a stop has left behind: repositories that no scheduled run reaches back for."""

from datetime import datetime

from opsconsole.accounts.models import User
from opsconsole.emergency.ways import NO_RIGHT
from opsconsole.operations.asking import availability
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.catalog.catch_up import CatchUp
from opsconsole.operations.moment import Moment
from opsconsole.platform.db import fetch
from opsconsole.platform.panel import Panel, ask

CATCH_UP = CatchUp.slug
ALL = 10_000_000  # rows; far more than there are


def since(moment: datetime) -> Panel[int]:
    """How many repositories have fallen out of the schedule's reach since then."""
    return ask(lambda: _counted(moment), *OPERATIONS[CATCH_UP].needs())


def obstacles(user: User) -> list[str]:
    """Why this person cannot catch up; empty when nothing is in the way."""
    operation = OPERATIONS[CATCH_UP]
    if not user.has_perm(operation.permission()):
        return [NO_RIGHT]
    return availability.of(operation).obstacles


def _counted(moment: datetime) -> int:
    now: datetime = fetch("SELECT now() AS now")[0]["now"]
    params = {"since": moment, "most": ALL}
    return CatchUp().rows(params, Moment(now)).count()
