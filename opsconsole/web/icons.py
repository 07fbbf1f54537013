"""Icons as inline SVG. They repeat what a word says and are hidden from screen readers."""

from functools import lru_cache

from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide


@lru_cache(maxsize=512)
def icon(name: str, size: int = 16) -> SafeString:
    """The lucide icon of that name, `size` CSS pixels square."""
    svg = lucide(name, size=size, **{"class": "icon", "aria_hidden": "true"})
    return SafeString(svg)
