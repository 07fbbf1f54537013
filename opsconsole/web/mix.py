"""How many of a thing have which word, as one bar: the worst first, and the tallest.

Height says the level as colour does, so that the bar reads without colours too.
"""

from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from opsconsole.web import words
from opsconsole.web.formats import number

HEIGHTS: dict[words.Level, int] = {  # percent of the bar, the worst level first
    "critical": 100,
    "warning": 75,
    "info": 50,
    "neutral": 20,
    "ok": 35,
}
LEAST = 4  # percent of the width, so that one of a thousand is seen
SHOWN = 2  # words below the bar; all of them are in its label

Counts = Mapping[str, int]


def bar(counts: Counts) -> SafeString:
    """The drawing; each part says its word when it is pointed at."""
    ordered = worst_first(counts)
    if not ordered:
        return SafeString("")
    parts = format_html_join(
        "",
        '<rect class="{}" x="{}%" y="{}%" width="{}%" height="{}%">'
        "<title>{}</title></rect>",
        (
            (
                level,
                left,
                100 - HEIGHTS[level],
                width,
                HEIGHTS[level],
                said(word, count),
            )
            for (word, count), level, left, width in _placed(ordered)
        ),
    )
    label = ", ".join(said(word, count) for word, count in ordered)
    return format_html(
        '<svg class="mix-bar" role="img" aria-label="{}">{}</svg>', label, parts
    )


def worst_first(counts: Counts) -> list[tuple[str, int]]:
    """Words that occur, by their level and, within it, as they came."""
    levels = list(HEIGHTS)
    return sorted(
        ((word, count) for word, count in counts.items() if count > 0),
        key=lambda pair: levels.index(_level(pair[0])),
    )


def summary(counts: Counts) -> str:
    """The worst words with their counts; what is left out is a number."""
    ordered = worst_first(counts)
    shown = [said(word, count) for word, count in ordered[:SHOWN]]
    left = sum(count for _, count in ordered[SHOWN:])
    if left:
        shown.append(f"{number(left)} other{'s' if left > 1 else ''}")
    return ", ".join(shown)


def said(word: str, count: int) -> str:
    """`3 failed`, `12 OK`."""
    label = words.label(word)
    return f"{number(count)} {label if label.isupper() else words.plain(word)}"


def _placed(
    ordered: list[tuple[str, int]],
) -> list[tuple[tuple[str, int], words.Level, float, float]]:
    """Each pair with its level, where it begins and how wide it is, in percent."""
    total = sum(count for _, count in ordered)
    widths = [max(100 * count / total, LEAST) for _, count in ordered]
    whole, left, placed = sum(widths), 0.0, []
    for pair, width in zip(ordered, widths, strict=True):
        share = 100 * width / whole
        placed.append((pair, _level(pair[0]), round(left, 2), round(share, 2)))
        left += share
    return placed


def _level(word: str) -> words.Level:
    return words.look(word, words.DIAGNOSES).level
