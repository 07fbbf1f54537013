"""Write and check the chain of audit entries.

hash = sha256(hash of the entry before + body). The body is stored as the text that was
hashed, never written anew from columns, so that it verifies for ever.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.utils import timezone

from opsconsole.audit.models import Entry

CHAIN = 0x0A0D17  # advisory lock: one entry at a time gets the hash before it
START = "0" * 64


def record(
    *,
    action: str,
    subject: str,
    actor: AbstractBaseUser | None,
    reason: str = "",
    details: dict[str, Any] | None = None,
    run_id: int | None = None,
) -> Entry:
    """Append an entry, in the caller's transaction and as its last statement.

    The chain's lock is held until that transaction ends, so whatever comes after an
    entry keeps all others waiting. Without an actor the console itself did it.
    """
    with transaction.atomic():
        _lock_chain()
        name = actor.get_username() if actor else "opsconsole"
        at = timezone.now()
        facts = {
            "at": at.isoformat(),
            "actor": name,
            "actor_id": actor.pk if actor else None,
            "action": action,
            "subject": subject,
            "run": run_id,
            "reason": reason,
            "details": details or {},
        }
        body = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
        return Entry.objects.create(
            at=at,
            actor_id=actor.pk if actor else None,
            actor_name=name,
            action=action,
            subject=subject[:200],
            run_id=run_id,
            reason=reason[:2000],
            body=body,
            hash=_chained(_last_hash(), body),
        )


def broken_links(upto: int | None = None) -> Iterator[str]:
    """A sentence for each entry whose hash or columns do not match its body."""
    before = START
    entries = Entry.objects.order_by("pk")
    if upto is not None:
        entries = entries.filter(pk__lte=upto)
    for entry in entries.iterator(2000):
        if entry.hash != _chained(before, entry.body):
            yield f"Entry {entry.pk} does not follow the entry before it."
        elif not _columns_agree(entry):
            yield f"Entry {entry.pk} says something else in its columns than in its body."
        before = entry.hash


def _columns_agree(entry: Entry) -> bool:
    facts = json.loads(entry.body)
    return bool(
        facts["at"] == entry.at.isoformat()
        and facts["actor"] == entry.actor_name
        and facts["actor_id"] == entry.actor_id
        and facts["action"] == entry.action
        and facts["subject"][:200] == entry.subject
        and facts["run"] == entry.run_id
        and facts["reason"][:2000] == entry.reason
    )


def _lock_chain() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN])


def _last_hash() -> str:
    last = Entry.objects.order_by("-pk").values_list("hash", flat=True).first()
    return last or START


def _chained(before: str, body: str) -> str:
    return hashlib.sha256(f"{before}{body}".encode()).hexdigest()
