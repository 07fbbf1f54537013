"""Plan and apply in this process, as a worker would."""

import time
from typing import Any

from opsconsole.accounts.models import User
from opsconsole.operations import decisions, tasks
from opsconsole.operations.catalog import Operation
from opsconsole.operations.models import Run
from opsconsole.operations.planning import planner


def user() -> User:
    made, _ = User.objects.get_or_create(username="bench-engine", is_superuser=True)
    return made


def request() -> planner.Request:
    return planner.Request(user(), "terminal")


def plan(operation: type[Operation], **params: Any) -> Run:
    return planner.plan(operation, params, request())


def apply(run: Run) -> Run:
    """Confirm a plan and work it off, shift by shift."""
    decisions.confirm(run, user(), reason="benchmark", plan_hash=run.plan_hash)
    return worked_off(run)


def worked_off(run: Run) -> Run:
    while run.state == "planning" or not (run.is_finished or run.state == "planned"):
        tasks.work(run.pk)
        run.refresh_from_db()
        if run.state == "waiting":
            time.sleep(0.5)
    return run
