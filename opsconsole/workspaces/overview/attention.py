"""What needs attention, one line each; what is well says so too."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from opsconsole.platform.contract import Contract
from opsconsole.web.formats import local, number

if TYPE_CHECKING:
    from opsconsole.history.collecting import Collecting

LEVELS = ("critical", "warning", "unknown", "ok")


@dataclass(frozen=True)
class Attention:
    """A line of the list. What is well needs its sentence alone."""

    level: str  # one of LEVELS
    text: str
    address: str
    link: str
    explanation: str = ""

    @property
    def url(self) -> str:
        return "" if self.level == "ok" else self.address

    @property
    def detail(self) -> str:
        return "" if self.level == "ok" else self.explanation


@dataclass(frozen=True)
class AttentionList:
    """All lines: those to look at, the heaviest first, and apart from them what is well."""

    lines: list[Attention]

    @property
    def pressing(self) -> list[Attention]:
        pressing = [line for line in self.lines if line.level != "ok"]
        return sorted(pressing, key=lambda line: LEVELS.index(line.level))

    @property
    def well(self) -> list[Attention]:
        return [line for line in self.lines if line.level == "ok"]

    @property
    def well_sentence(self) -> str:
        return said(len(self.well), "No check is", "check is", "checks are") + " well"


def gathered(*sources: Iterable[Attention]) -> AttentionList:
    return AttentionList([line for source in sources for line in source])


def said(count: int, none: str, one: str, several: str) -> str:
    """The start of a sentence: `No run`, `1 run`, `1 204 runs`."""
    if not count:
        return none
    return f"1 {one}" if count == 1 else f"{number(count)} {several}"


def of_collecting(collecting: "Collecting") -> Attention:
    """Whether the numbers are young enough to act upon."""
    newest = collecting.newest
    if newest is None:
        level, text = "unknown", "No numbers have been collected yet."
    elif collecting.late:
        level = "warning"
        text = f"No numbers have been collected since {local(newest.at)}."
    else:
        level, text = "ok", "Numbers are collected as planned."
    return Attention(
        level,
        text,
        reverse("workspaces:sync_health"),
        "Count now",
        collecting.sentence,
    )


def of_contract(contract: Contract) -> Attention:
    """Whether the platform looks as the console expects."""
    worst = next(iter(contract.deviations), None)
    level = str(contract.level)
    why = worst.sentence if worst else ""
    url = reverse("platform:contract")
    return Attention(level, contract.summary, url, "See the contract", why)
