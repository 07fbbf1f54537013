"""The counts of the health page as its tiles show them."""

from typing import NamedTuple

from django.urls import reverse

from opsconsole.workspaces.conditions import CONDITIONS
from opsconsole.workspaces.filters import EVERY

IN_A_ROW = 4  # tiles


class Figure(NamedTuple):
    """A number with its sentence and the list it counts."""

    title: str
    number: int
    sentence: str
    url: str


def figures(counts: dict[str, int]) -> list[list[Figure]]:
    """Rows of tiles: what is wrong, then what is merely so; counts of `how_many`."""
    here = reverse("workspaces:sync_health")
    tiles = [
        Figure(
            condition.title,
            counts[condition.name],
            condition.sentence,
            f"{here}?condition={condition.name}",
        )
        for condition in CONDITIONS
    ]
    everything = Figure(
        "Tracked",
        counts["total"],
        "Repositories that workspaces keep in step.",
        f"{here}?condition={EVERY}",
    )
    tiles.insert(IN_A_ROW, everything)
    return [tiles[:IN_A_ROW], tiles[IN_A_ROW:]]
