"""Who may share a view with everybody, and who may delete a shared one."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from opsconsole.accounts.roles import ADMIN, APPROVER, OPERATOR

SHARE = ("share_savedview", "Can share a view with everybody")
DELETE = ("delete_savedview", "Can delete saved view")
MAY = {OPERATOR: [SHARE], APPROVER: [SHARE], ADMIN: [SHARE, DELETE]}


def grant(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind, _ = kinds.get_or_create(app_label="accounts", model="savedview")
    permissions = apps.get_model("auth", "Permission").objects
    groups = apps.get_model("auth", "Group").objects
    for role, deeds in MAY.items():
        for codename, name in deeds:
            permission, _ = permissions.get_or_create(
                content_type=kind, codename=codename, defaults={"name": name}
            )
            groups.get(name=role).permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_saved_views")]
    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
