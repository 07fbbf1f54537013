"""What each price tier has and costs: for managers first."""

from collections.abc import Iterable
from typing import NamedTuple

from opsconsole.history.models import Sample
from opsconsole.operations.planning.guards import share
from opsconsole.platform import contract
from opsconsole.platform.diagnosis import TROUBLE
from opsconsole.platform.rules import slots_per_day
from opsconsole.web.formats import number


class TierLine(NamedTuple):
    """A row of the table; the last one is of all tiers and has no name."""

    tier: str
    workspaces: int
    tracked: int
    in_trouble: int
    calls: float  # to GitHub a day, estimated from the intervals

    @property
    def trouble_share(self) -> str:
        return share(self.in_trouble, self.tracked) if self.tracked else ""

    @property
    def slots_share(self) -> str:
        """Of the places that the schedule has in a day; more than all cannot be served."""
        calls, places = round(self.calls), round(slots_per_day())
        if calls > places:
            return f"{number(calls / places, 1)} times"
        return share(calls, places)


def lines(sample: Sample) -> list[TierLine]:
    """One line per tier, from the cheapest on, and their sum."""
    found = [_line(sample, tier) for tier in known(sample)]
    return [*found, _sum(found)]


def known(sample: Sample) -> list[str]:
    """The platform's tiers in their order, then those that only the sample names."""
    named = sorted({*sample.workspaces, *sample.words, *sample.calls})
    return list(dict.fromkeys((*contract.current().tiers, *named)))


def _line(sample: Sample, tier: str) -> TierLine:
    return TierLine(
        tier,
        sample.workspaces.get(tier, 0),
        sample.word_count(tier=tier),
        sample.word_count(*TROUBLE, tier=tier),
        sample.calls.get(tier, 0),
    )


def _sum(found: Iterable[TierLine]) -> TierLine:
    lines = list(found)
    columns = zip(*(line[1:] for line in lines), strict=True)
    sums = [sum(column) for column in columns] if lines else [0, 0, 0, 0]
    return TierLine("", *sums)
