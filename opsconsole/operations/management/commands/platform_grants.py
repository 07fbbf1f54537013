from typing import Any

from django.core.management import BaseCommand

from opsconsole.operations.granting import grant_files


class Command(BaseCommand):
    """Write operations/grants/<slug>.sql anew from the operations."""

    help = "Write the SQL files that give the writing role what each operation needs."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for path, text in grant_files().items():
            path.write_text(text)
            self.stdout.write(f"{path.name}\n")
