"""How much of a limit is used: a bar that never stands without its words."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsconsole.web.formats import number
from opsconsole.web.icons import icon

NEAR = 0.9  # of the limit


def meter(value: float, limit: float | None, noun: str) -> SafeString:
    """`7 of 10` with its bar; `noun` is what is counted, for screen readers."""
    if limit is None:
        return format_html(
            '<div class="usage unknown"><span>{} <span class="of">limit unknown</span>'
            "</span></div>",
            number(value),
        )
    return format_html(
        '<div class="usage{}"><meter min="0" max="{}" value="{}" aria-label="{} of {} {}'
        ' used"></meter><span>{} <span class="of">of {}</span>{}</span></div>',
        _level(value, limit),
        limit or 1,
        value,
        value,
        limit,
        noun,
        number(value),
        number(limit),
        _warning() if value > limit else "",
    )


def _level(value: float, limit: float) -> str:
    if value > limit:
        return " over"
    return " near" if value and value >= limit * NEAR else ""


def _warning() -> SafeString:
    sign = icon("triangle-alert", 13)
    return format_html(' <b class="over-limit">{}over limit</b>', sign)
