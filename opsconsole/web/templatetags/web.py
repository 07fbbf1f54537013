"""Template tags and filters of the common look."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from opsconsole.web import addresses, body, formats, icons, mix, words

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """An icon that repeats what the text beside it says."""
    return icons.icon(name, size)


@register.simple_tag
def level_icon(level: object, size: int = 16) -> SafeString:
    """The icon of a level; every level has a shape of its own."""
    return icons.icon(words.icon_of(level), size)


@register.simple_tag
def pill(word: object, level: str = "", label: str = "") -> SafeString:
    """A badge: the word with its icon; `level` and `label` overrule the word's own."""
    return badge(words.look(word), label or words.label(word), level)


@register.simple_tag
def diagnosis(word: object) -> SafeString:
    """A badge for what is wrong with a repository."""
    return badge(words.look(word, words.DIAGNOSES), words.label(word))


@register.simple_tag
def tier(name: object) -> SafeString:
    """A badge for a price tier; a tier we do not know is named as it is stored."""
    plain = words.plain(name)
    return format_html(
        '<span class="pill tier {}">{}{}</span>',
        plain if plain in words.TIERS else "other",
        icons.icon(words.look(plain, words.TIERS).icon, 13),
        words.label(plain),
    )


def badge(look: words.Word, label: str, level: str = "") -> SafeString:
    """The badge of a word whose look is known."""
    return format_html(
        '<span class="pill {}{}">{}{}</span>',
        words.level_of(level) if level else look.level,
        " live" if look.live else "",
        icons.icon(look.icon, 13),
        label,
    )


@register.simple_tag
def table_rows(table: Any) -> SafeString:
    """The body of a table, or its sentence when there are no rows."""
    return body.rows(table)


@register.simple_tag
def ago(moment: datetime | None, missing: str = "never") -> SafeString | str:
    """How long ago or how soon; the exact local time and UTC on hover."""
    if moment is None:
        return missing
    return _time(moment, formats.relative(moment, timezone.now()))


@register.simple_tag
def moment(value: datetime | None, missing: str = "never") -> SafeString | str:
    """Date and time in the reader's zone; UTC on hover."""
    return missing if value is None else _time(value, formats.local(value))


@register.simple_tag
def other_parameters(request: HttpRequest, *names: str) -> list[tuple[str, str]]:
    """What stands in the address beside these: hidden fields of a form that keeps them."""
    return addresses.pairs(request.GET, without=names)


@register.simple_tag
def mix_bar(counts: Mapping[str, int]) -> SafeString:
    """How many have which diagnosis, as a bar; see components/mix.html."""
    return mix.bar(counts)


@register.filter
def mix_summary(counts: Mapping[str, int]) -> str:
    """The worst diagnoses with their counts."""
    return mix.summary(counts)


@register.filter
def duration(span: timedelta | float | None) -> str:
    """A span or a number of seconds in words."""
    return "unknown" if span is None else formats.duration(span)


@register.filter
def hours(value: float | None) -> str:
    """A number of hours with its unit."""
    return "unknown" if value is None else f"{formats.number(value)} h"


@register.filter
def number(value: object, decimals: int | None = None) -> str:
    """A number with thin grouping; anything that is none stays as it is."""
    if value is None:
        return "unknown"
    try:
        return formats.number(Decimal(str(value)), decimals)
    except InvalidOperation:
        return str(value)


@register.filter
def at(numbers: Mapping[str, int] | None, name: str) -> int:
    """What the mapping holds under that name; 0 when nothing, or without a mapping."""
    return numbers.get(name, 0) if numbers else 0


@register.filter
def short_text(text: object, length: int = 80) -> SafeString | str:
    """At most `length` characters; the whole text on hover when it is cut."""
    whole = str(text)
    cut = Truncator(whole).chars(length)
    if cut == whole:
        return whole
    return format_html('<span title="{}">{}</span>', whole, cut)


@register.filter
def level(name: object) -> str:
    """Our level for a level word of Django messages, findings or notes."""
    return words.level_of(name)


@register.filter
def percent_of(part: float | None, whole: float | None) -> int:
    """Whole percent, 0 to 100; 0 where there is no whole. 100 only when complete."""
    if not part or not whole or part < 0:
        return 0
    return min(100, int(100 * part / whole))


def _time(value: datetime, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{} · {}">{}</time>',
        value.isoformat(timespec="seconds"),
        formats.local(value),
        formats.utc(value),
        text,
    )
