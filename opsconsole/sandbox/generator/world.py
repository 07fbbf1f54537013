"""What every part of the made-up platform shares: its size, its chance and its time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple, TypeVar
from uuid import UUID

from opsconsole.sandbox.generator.scales import Scale

SCHEDULE = timedelta(hours=6)  # capture-workspace-issues.yml: `0 */6 * * *`

Thing = TypeVar("Thing")


class Dice(Random):
    """Chance, with the throws we need most."""

    def identifier(self) -> str:
        """Return a version 4 UUID."""
        return str(UUID(int=self.getrandbits(128), version=4))

    def chance(self, probability: float) -> bool:
        """Tell whether something of this probability happens."""
        return self.random() < probability

    def pick(self, weights: dict[Thing, float]) -> Thing:
        """Return one of the keys, as often as its weight says."""
        return self.choices(list(weights), list(weights.values()))[0]

    def popular(self, things: Sequence[Thing], skew: float = 2) -> Thing:
        """Return one of the things, the first ones more often."""
        return things[int(len(things) * self.random() ** skew)]


class World(NamedTuple):
    """The same seed, scale and moment make the same platform, ids included."""

    scale: Scale
    seed: int
    now: datetime

    def dice(self, subject: str) -> Dice:
        """Return a subject's own chance, so that a change of one leaves the others alone."""
        return Dice(f"{self.seed}/{subject}")

    def ago(self, **distance: float) -> datetime:
        """Return the moment that long before now: `ago(hours=3)`."""
        return self.now - timedelta(**distance)

    def scheduled(self, moment: datetime, dice: Dice) -> datetime:
        """Return when the schedule ran last before a moment, some minutes into its run."""
        midnight = moment.astimezone(UTC).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        start = midnight + SCHEDULE * ((moment - midnight) // SCHEDULE)
        return min(moment, start + timedelta(seconds=dice.uniform(60, 800)))
