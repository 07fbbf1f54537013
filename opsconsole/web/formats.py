"""Numbers, durations and moments as text for people."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))  # name, seconds
DATED_AFTER = timedelta(days=30)  # older than this a date says more than "45 d ago"


def number(value: float | Decimal, decimals: int | None = None) -> str:
    """Digits in groups of three with thin spaces; at most two decimals unless told."""
    if decimals is None:
        text = f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    else:
        text = f"{value:,.{decimals}f}"
    return text.replace(",", THIN_SPACE).replace("-", "\N{MINUS SIGN}")


def duration(span: timedelta | float) -> str:
    """A span (or seconds) by its two largest units: `2 h 5 min`, `0.4 s`."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    sign, seconds = ("\N{MINUS SIGN}" if seconds < 0 else ""), abs(seconds)
    if seconds < 10:
        return f"{sign}{number(round(seconds, 1))} s"
    left, parts = round(seconds), list[str]()
    for name, size in UNITS:
        count, left = divmod(left, size)
        if count and len(parts) < 2:
            parts.append(f"{count} {name}")
        elif parts:
            break
    return sign + " ".join(parts)


def distance(moment: datetime, now: datetime) -> str:
    """How far the moment is from now by one unit: `3 h ago`, `in 12 min`, `now`."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 1:
        return "now"
    name, size = next(unit for unit in UNITS if abs(seconds) >= unit[1])
    text = f"{int(abs(seconds) // size)} {name}"
    return f"{text} ago" if seconds > 0 else f"in {text}"


def relative(moment: datetime, now: datetime) -> str:
    """The distance from now, or the local date once it is more than a month away."""
    if abs(now - moment) > DATED_AFTER:
        return f"{timezone.localtime(moment):%-d %b %Y}"
    return distance(moment, now)


def utc(moment: datetime) -> str:
    """The moment in UTC, to the second: `20 Nov 2026, 14:03:11 UTC`."""
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M:%S} UTC"


def local(moment: datetime) -> str:
    """The moment in the zone of the person who reads: `20 Nov 2026, 15:03`."""
    return f"{timezone.localtime(moment):%-d %b %Y, %H:%M}"


def zone(now: datetime) -> str:
    """The reader's zone with its distance from UTC at that moment: `Europe/Berlin (UTC+1)`.

    In half of the year the distance is another one, so it goes with the page's own time.
    """
    local = timezone.localtime(now)
    name = getattr(local.tzinfo, "key", None) or timezone.get_current_timezone_name()
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    if name == "UTC":
        return name
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"{name} (UTC{sign}{hours}{f':{rest:02}' if rest else ''})"


def cut(text: str, length: int) -> str:
    """At most so many characters, the last one an ellipsis if something is missing."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
