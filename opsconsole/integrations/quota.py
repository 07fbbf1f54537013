"""Until when a service wants to be left alone, read from its refusal.

Sources: GitHub, "Rate limits for the REST API" (403 or 429; Retry-After first, then
x-ratelimit-reset where nothing remains, else at least a minute); Supabase, Management API
(429; X-RateLimit-Reset counts seconds).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MINUTE = timedelta(minutes=1)  # when the service does not say how long
LONGEST = timedelta(days=1)  # whoever says more is not believed
EPOCH = 1_000_000_000  # numbers above are seconds of the epoch, below from now
SECONDARY = ("secondary rate limit", "abuse detection")  # GitHub's words for bursts


def spent_until(
    status: int, headers: Mapping[str, str], said: str, now: datetime
) -> datetime | None:
    """When to come back; None where the refusal is not about a quota."""
    if status not in (403, 429):
        return None
    until = _retry_after(headers, now)
    if until is None and headers.get("x-ratelimit-remaining") == "0":
        until = _reset(headers, now)
    if until is None and not _is_about_quota(status, headers, said):
        return None
    return min(max(until or now + MINUTE, now), now + LONGEST)


def _is_about_quota(status: int, headers: Mapping[str, str], said: str) -> bool:
    nothing_left = headers.get("x-ratelimit-remaining") == "0"
    burst = any(words in said.lower() for words in SECONDARY)
    return status == 429 or nothing_left or burst


def _retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    value = headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is not None:
        return now + timedelta(seconds=seconds)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    number = _number(headers.get("x-ratelimit-reset", ""))
    if number is None:
        return None
    if number < EPOCH:
        return now + timedelta(seconds=number)
    # a second more: GitHub's clock and ours differ, and it cuts off fractions
    return datetime.fromtimestamp(number + 1, UTC)


def _number(text: str) -> int | None:
    """At most 10 digits, so that dates stay within what Python can count."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None
