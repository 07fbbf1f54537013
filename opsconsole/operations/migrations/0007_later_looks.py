"""What is looked at again later, and what is pruned: schedules."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("operations", "0006_decisions_are_final")]
    operations = []
