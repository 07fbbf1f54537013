"""What rooms have to say on every page: banners, and numbers beside the menu's entries.

The common look knows no room: each registers its own when its app is ready.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Banner:
    """A note above a page's content."""

    level: str  # info, warning, critical
    title: str
    text: str = ""
    url: str = ""
    link: str = ""  # the words of the link


# Any: this room does not know our kind of account.
Says = Callable[[Any], Iterable[Banner]]
Counts = Callable[[Any], int]
BANNERS: list[Says] = []
NUMBERS: dict[
    str, Counts
] = {}  # an entry's url_name -> what waits there for the person


def banners(user: Any) -> list[Banner]:
    """What every room wants this person to see now."""
    return [banner for says in BANNERS for banner in says(user)]


def numbers(user: Any, url_names: Iterable[str]) -> dict[str, int]:
    """Entry -> how much waits there for this person, where anything does."""
    found = {name: NUMBERS[name](user) for name in url_names if name in NUMBERS}
    return {name: number for name, number in found.items() if number}
