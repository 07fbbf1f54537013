"""Since when nobody serves a queue, as far as those know who look at its page.

A cluster leaves no sign of its end; while a supervisor starts it again, nobody need act.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.cache import cache

KEY = "operations.queue.missing"
KEPT = 60  # seconds without anybody who looks, after which it is a new absence
RENEWED = timedelta(seconds=KEPT / 3)


def since(now: datetime, gone: Collection[str]) -> dict[str, datetime]:
    """When each of the clusters that are gone was first missed; one query as a rule."""
    before, kept_at = cache.get(KEY, ({}, now))
    found = {name: before.get(name, now) for name in sorted(gone)}
    if found != before or (found and now - kept_at > RENEWED):
        cache.set(KEY, (found, now), KEPT)
    return found
