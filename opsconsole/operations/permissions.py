"""One permission per operation, made from the registry after each migration.

A role gets a permission only when that is new, so what an admin took away stays away.
"""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from opsconsole.accounts.roles import ADMIN, APPROVER, OPERATOR
from opsconsole.operations.catalog import OPERATIONS

RUNS = (OPERATOR, APPROVER, ADMIN)


def create_permissions(
    sender: AppConfig, using: str = "default", **kwargs: Any
) -> None:
    """Make the permissions of operations that are new and give them to their roles."""
    if using != "default" or sender.label != "operations":
        return
    run, _ = ContentType.objects.get_or_create(app_label="operations", model="run")
    for operation in OPERATIONS.values():
        permission, new = Permission.objects.get_or_create(
            codename=operation.permission().removeprefix("operations."),
            content_type=run,
            defaults={"name": f"Can run {operation.title}"},
        )
        if new:
            for group in Group.objects.filter(name__in=RUNS):
                group.permissions.add(permission)
