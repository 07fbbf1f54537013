"""What is found, as the page and the palette show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.urls import NoReverseMatch, reverse

FEW = 6  # hits of one group; the list behind "more" has them all
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing and its page."""

    title: str
    url: str
    detail: str = ""
    icon: str = ""  # a lucide name, where it is not the group's


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, or the sentence that says why they are not known."""

    title: str
    icon: str  # a lucide name
    hits: Sequence[Hit] = ()
    more: str = (
        ""  # the address of the list that has them all; empty when these are all
    )
    problem: str = ""


def link(name: str, *args: object) -> str:
    """The address of a page of another room; empty while there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def few(rows: Sequence[Row], more: str) -> tuple[Sequence[Row], str]:
    """The first FEW, and the link if there are others behind them."""
    return rows[:FEW], more if len(rows) > FEW else ""
