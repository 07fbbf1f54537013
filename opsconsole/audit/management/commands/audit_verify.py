import sys
from typing import Any

from django.core.management import BaseCommand

from opsconsole.audit.log import broken_links
from opsconsole.audit.models import Entry


class Command(BaseCommand):
    """Check the whole chain of audit entries: exit code 0 when whole, 1 when broken."""

    help = "Check that no audit entry was changed, removed or put in between."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(broken_links())
        for sentence in broken:
            self.stdout.write(sentence)
        if broken:
            sys.exit(1)
        self.stdout.write(f"All {Entry.objects.count()} entries are as written.")
