"""Permissions made after each migration: to look, and to run each operation.

A role gets a permission only when that is new, so what an admin took away stays away.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from opsconsole.accounts.roles import ADMIN, APPROVER, OPERATOR, ROLES, SEES
from opsconsole.operations.catalog import OPERATIONS

RUNS = (OPERATOR, APPROVER, ADMIN)


def create_permissions(
    sender: AppConfig, using: str = "default", **kwargs: Any
) -> None:
    """Make the permissions that are missing and give them to their roles."""
    if using != "default" or sender.label != "operations":
        return
    for model in SEES:
        app_label, model_name = model.split(".")
        model_class = apps.get_model(app_label, model_name)
        name = f"Can view {model_class._meta.verbose_name_raw}"
        _make(app_label, model_name, f"view_{model_name}", name, ROLES)
    for operation in OPERATIONS.values():
        codename = operation.permission().removeprefix("operations.")
        _make("operations", "run", codename, f"Can run {operation.title}", RUNS)


def _make(
    app_label: str, model: str, codename: str, name: str, roles: Iterable[str]
) -> None:
    kind, _ = ContentType.objects.get_or_create(app_label=app_label, model=model)
    permission, new = Permission.objects.get_or_create(
        codename=codename, content_type=kind, defaults={"name": name}
    )
    if new:
        for group in Group.objects.filter(name__in=roles):
            group.permissions.add(permission)
