"""GitHub repositories, and the platform's tracking of them."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from opsconsole.sandbox.generator.copying import Rows
from opsconsole.sandbox.generator.naming import (
    Unique,
    company,
    login,
    person,
    repository,
)
from opsconsole.sandbox.generator.vocabulary import LANGUAGES
from opsconsole.sandbox.generator.world import Dice, World

SYNC_STATUS = {"completed": 0.75, "idle": 0.2, "failed": 0.03, "syncing": 0.02}
SIZES = {"small": 0.6, "medium": 0.28, "large": 0.1, "xl": 0.02}


class Repository(NamedTuple):
    """What the other parts must know about a repository; the first ones are popular."""

    id: str
    tracked_id: str | None  # None: the platform has no tracked_repositories row
    full_name: str
    stars: int
    has_issues: bool


def repositories(world: World) -> list[Repository]:
    dice = world.dice("repositories")
    names = _full_names(world, dice)
    return [
        _repository(dice, name, number / len(names))
        for number, name in enumerate(names)
    ]


def repository_rows(world: World, found: Sequence[Repository]) -> Rows:
    dice = world.dice("repository rows")
    for number, known in enumerate(found):
        owner, name = known.full_name.split("/")
        born = world.ago(days=dice.uniform(60, 3000))
        pushed = world.now - (world.now - born) * dice.random() ** 6
        obscure = number > len(found) * 0.4
        yield {
            "id": known.id,
            "github_id": 100_000_000 + number,
            "full_name": known.full_name,
            "owner": owner,
            "name": name,
            "description": f"The {name.replace('-', ' ')} of {owner}",
            "language": dice.choice(LANGUAGES),
            "stargazers_count": known.stars,
            "forks_count": known.stars // 7,
            "open_issues_count": min(4_000, int(dice.expovariate(1 / 40))),
            "has_issues": known.has_issues,
            "is_private": obscure and dice.chance(0.12),
            "is_archived": dice.chance(0.03),
            "sync_status": dice.pick(SYNC_STATUS),
            "last_synced_at": world.ago(hours=dice.uniform(0, 72)),
            "github_created_at": born,
            "github_updated_at": pushed,
            "github_pushed_at": pushed,
            "first_tracked_at": max(born, world.ago(days=500)),
        }


def tracked_rows(world: World, found: Sequence[Repository], uses: Counter[str]) -> Rows:
    """Yield the rows; `uses` are the workspaces of each repository, counted by its id."""
    dice = world.dice("tracked rows")
    for known in found:
        if known.tracked_id is None:
            continue
        owner, name = known.full_name.split("/")
        yield {
            "id": known.tracked_id,
            "repository_id": known.id,
            "tracking_enabled": not dice.chance(0.02),
            "last_sync_at": world.ago(hours=dice.uniform(1, 40)),
            "organization_name": owner,
            "repository_name": name,
            "size": dice.pick(SIZES),
            "priority": "high" if uses[known.id] else "low",
            "is_workspace_repo": uses[known.id] > 0,
            "workspace_count": uses[known.id],
            "created_at": world.ago(days=dice.uniform(20, 500)),
        }


def _full_names(world: World, dice: Dice) -> list[str]:
    """Return distinct names, a few for each owner, mixed."""
    accounts, found = Unique(), list[str]()
    while len(found) < world.scale.repositories:
        whose = company(dice) if dice.chance(0.8) else person(dice)
        owner = accounts.of(login(dice, whose))
        own = dict.fromkeys(repository(dice) for _ in range(dice.randint(1, 12)))
        found.extend(f"{owner}/{name}" for name in own)
    dice.shuffle(found)
    return found[: world.scale.repositories]


def _repository(dice: Dice, full_name: str, rank: float) -> Repository:
    """Make a repository; rank runs from 0, the most popular, to 1."""
    return Repository(
        id=dice.identifier(),
        tracked_id=None if dice.chance(0.004) else dice.identifier(),
        full_name=full_name,
        stars=int(10 ** dice.uniform(0, 4.8 - 3.3 * rank)),
        has_issues=not dice.chance(0.015),
    )
