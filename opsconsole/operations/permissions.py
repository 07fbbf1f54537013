"""One permission per operation, made from the registry after each migration, and that to approve.

A role gets a permission only when that is new, so what an admin took away stays away.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from opsconsole.accounts.models import User
from opsconsole.accounts.roles import ADMIN, APPROVER, OPERATOR
from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.decisions.approvals import MAY_APPROVE
from opsconsole.operations.models import Run

RUNS = (OPERATOR, APPROVER, ADMIN)
APPROVES = (APPROVER, ADMIN)


def may_run(user: User, run: Run) -> bool:
    """Whether the person's role may run this operation, and so stop it too.

    Nobody may run one that the console no longer has.
    """
    operation = OPERATIONS.get(run.operation)
    return operation is not None and user.has_perm(operation.permission())


def create_permissions(
    sender: AppConfig, using: str = "default", **kwargs: Any
) -> None:
    """Make the permissions that are new and give them to their roles."""
    if using != "default" or sender.label != "operations":
        return
    run, _ = ContentType.objects.get_or_create(app_label="operations", model="run")
    for codename, name, roles in _permissions():
        permission, new = Permission.objects.get_or_create(
            codename=codename.removeprefix("operations."),
            content_type=run,
            defaults={"name": name},
        )
        if new:
            for group in Group.objects.filter(name__in=roles):
                group.permissions.add(permission)


def _permissions() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each permission's name, what it says, and the roles that have it."""
    yield MAY_APPROVE, "Can approve runs of others", APPROVES
    for operation in OPERATIONS.values():
        yield operation.permission(), f"Can run {operation.title}", RUNS
