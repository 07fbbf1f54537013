"""What is looked at again later, every minute, and what is pruned, once a day."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LOOK = "opsconsole.operations.effects.look"
PRUNE = "opsconsole.operations.pruning.prune"


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schedules = apps.get_model("django_q", "Schedule").objects
    minutely = {"name": "effects", "schedule_type": "I", "minutes": 1, "repeats": -1}
    daily = {"name": "pruning of runs", "schedule_type": "D", "repeats": -1}
    schedules.get_or_create(func=LOOK, defaults=minutely)
    schedules.get_or_create(func=PRUNE, defaults=daily)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schedules = apps.get_model("django_q", "Schedule").objects
    schedules.filter(func__in=[LOOK, PRUNE]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0006_decisions_are_final"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(add, remove)]
