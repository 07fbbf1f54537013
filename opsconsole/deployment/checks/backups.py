from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from opsconsole.deployment.facts import SUPABASE, Fact, State
from opsconsole.deployment.looking import SECONDS
from opsconsole.deployment.registry import check
from opsconsole.integrations import supabase
from opsconsole.integrations.supabase_shapes import Backup
from opsconsole.web import formats

NAME = "Backups"
NIGHTLY = timedelta(hours=50)  # a night's backup, and one that is late
COMPLETED = "COMPLETED"
REMEDY = "See Database, Backups in Supabase's dashboard before you change much."


@check(NAME, step=6, place=5, source=SUPABASE)
def backups() -> Iterator[Fact]:
    """How old is the newest? The console never restores: that takes the whole database back."""
    found = supabase.backups(supabase.client(timeout=SECONDS))
    if found.point_in_time:
        sentence = "Point-in-time recovery is on: any moment can be restored, by Supabase alone."
        yield Fact(NAME, State.FINE, sentence, SUPABASE)
    whole = [backup for backup in found.backups if backup.status == COMPLETED]
    if whole:
        yield _newest(whole[0], len(whole))
    elif not found.point_in_time:
        sentence = "There is no completed backup, and no point-in-time recovery."
        yield Fact(NAME, State.MISSING, sentence, SUPABASE, remedy=REMEDY)
    if found.backups and found.backups[0].status == "FAILED":
        age = formats.relative(found.backups[0].made_at, timezone.now())
        sentence = f"The newest backup failed, {age}."
        yield Fact("Failed", State.WRONG, sentence, SUPABASE, remedy=REMEDY)


def _newest(backup: Backup, whole: int) -> Fact:
    now = timezone.now()
    sentence = f"The newest of {whole} completed backups was made {formats.relative(backup.made_at, now)}."
    if now - backup.made_at <= NIGHTLY:
        return Fact("Newest backup", State.FINE, sentence, SUPABASE)
    sentence = f"{sentence} They should be nightly."
    return Fact("Newest backup", State.WRONG, sentence, SUPABASE, remedy=REMEDY)
