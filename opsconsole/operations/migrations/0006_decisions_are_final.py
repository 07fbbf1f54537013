"""Who decided what stays as it was said, and nobody decides about a run of their own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("operations", "0005_plans_are_final_and_pruned")]
    operations = []
