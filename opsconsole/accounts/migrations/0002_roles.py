"""The roles as groups, and what each of them may look at."""

from typing import Any

from django.apps.registry import Apps
from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from opsconsole.accounts.roles import ADMIN, ROLES, SEES


def make_groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    groups = apps.get_model("auth", "Group").objects
    looks = [_may(apps, "view", model) for model in SEES]
    for name in ROLES:
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*looks)
    people = [_may(apps, deed, "accounts.user") for deed in ("view", "add", "change")]
    groups.get(name=ADMIN).permissions.add(*people)


def _may(apps: Apps, deed: str, model: str) -> Any:
    """The permission as Django would make it after the last migration."""
    app_label, name = model.split(".")
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind, _ = kinds.get_or_create(app_label=app_label, model=name)
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind,
        codename=f"{deed}_{name}",
        defaults={"name": f"Can {deed} {name}"},
    )
    return permission


def make_cache_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The cache holds sign-in limits and must be the same for all processes."""
    alias = schema_editor.connection.alias
    call_command("createcachetable", database=alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
