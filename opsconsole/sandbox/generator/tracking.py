"""Which repositories each workspace has, and how their sync goes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from opsconsole.sandbox.generator import conditions
from opsconsole.sandbox.generator.copying import Rows
from opsconsole.sandbox.generator.errors import Errors
from opsconsole.sandbox.generator.repositories import Repository
from opsconsole.sandbox.generator.workspaces import Workspace
from opsconsole.sandbox.generator.world import Dice, World

OWN = 0.85  # of a workspace's repositories are in no other one, while they last
POPULAR = 5  # one in so many repositories is left to be chosen by several workspaces
UNLINKED = 0.008  # of the repositories in workspaces have no row that would sync them

INTERVALS: dict[str, dict[int | None, float]] = {
    "free": {24: 88, 48: 6, 12: 3, 168: 1, 96: 0.6, 120: 0.4, 3: 0.5, None: 1},
    "pro": {24: 48, 12: 36, 8: 8, 6: 4, 48: 2, 4: 1, 2: 0.5, 100: 0.5, None: 1},
    "team": {6: 55, 12: 28, 24: 12, 4: 2, 1: 1, 96: 1, None: 1},
}  # hours; everyone starts with 24, the rest was set by somebody
RETENTION: dict[str, dict[int | None, float]] = {
    "free": {30: 9, 60: 1, None: 0.05},
    "pro": {30: 6, 90: 4, None: 0.05},
    "team": {30: 5, 365: 5, None: 0.05},
}  # days
PRIORITY = {"free": 50, "pro": 70, "team": 50}  # its function knows no team
NOTES = (
    "Raised for the launch, ask before lowering",
    "Customer asked for fewer syncs (support #4821)",
    "Noisy: bots open most of these issues",
)


class Link(NamedTuple):
    """A repository in a workspace; not `synced` where the platform lost it."""

    workspace: Workspace
    repository: Repository
    added_at: datetime
    synced: bool


def links(
    world: World, workspaces: Sequence[Workspace], repositories: Sequence[Repository]
) -> list[Link]:
    """Give each workspace its repositories, popular ones to several."""
    dice = world.dice("links")
    nobodys = iter(repositories[len(repositories) // POPULAR :])
    return [
        Link(
            workspace,
            repository,
            added_at=world.now - (world.now - workspace.created_at) * dice.random(),
            synced=repository.tracked_id is not None and not dice.chance(UNLINKED),
        )
        for workspace in workspaces
        for repository in _distinct(dice, repositories, nobodys, workspace.size)
    ]


def workspace_repository_rows(world: World, found: Sequence[Link]) -> Rows:
    """Yield what people see; where nobody remembers who added it, linking fails."""
    dice = world.dice("workspace repositories")
    for link in found:
        forgotten = dice.chance(0.02 if link.synced else 0.5)
        yield {
            "id": dice.identifier(),
            "workspace_id": link.workspace.id,
            "repository_id": link.repository.id,
            "added_by": None if forgotten else link.workspace.owner.id,
            "added_at": link.added_at,
            "is_pinned": dice.chance(0.1),
        }


def link_rows(world: World, found: Sequence[Link]) -> Rows:
    """Yield the rows of workspace_tracked_repositories."""
    dice = world.dice("tracking")
    errors = Errors(world, dice)
    for link in found:
        if not link.synced:
            continue
        tier = link.workspace.tier
        hours = dice.pick(INTERVALS[tier])
        condition = _condition(dice, link)
        state = condition(world, dice, hours or 24)
        failed = state.status == "failed"
        yield {
            "id": dice.identifier(),
            "workspace_id": link.workspace.id,
            "tracked_repository_id": link.repository.tracked_id,
            "added_at": _added_at(link, state),
            "added_by": link.workspace.owner.id,
            "sync_frequency_hours": hours,
            "data_retention_days": dice.pick(RETENTION[tier]),
            "fetch_issues": state.fetch_issues,
            "is_active": state.is_active,
            "last_sync_at": state.last_sync_at,
            "next_sync_at": state.next_sync_at,
            "last_sync_status": state.status,
            "last_sync_error": errors.text(link.repository.full_name, failed=failed)
            if state.failure
            else None,
            "sync_attempts": state.attempts,
            "total_issues_fetched": state.fetched,
            "priority_score": _priority(dice, link, condition),
            "notes": dice.choice(NOTES) if dice.chance(0.01) else None,
        }


def _distinct(
    dice: Dice,
    repositories: Sequence[Repository],
    nobodys: Iterator[Repository],
    total: int,
) -> list[Repository]:
    """Mostly what no other workspace has, as long as there is such a repository."""
    found: dict[str, Repository] = {}
    while len(found) < min(total, len(repositories) // 2):
        own = next(nobodys, None) if dice.chance(OWN) else None
        repository = own or dice.popular(repositories, skew=1.3)
        found[repository.id] = repository
    return list(found.values())


def _condition(dice: Dice, link: Link) -> conditions.Condition:
    if not link.repository.has_issues and not dice.chance(0.1):
        return conditions.issues_disabled
    troubled = link.workspace.troubled
    return dice.pick(conditions.TROUBLED if troubled else conditions.USUAL)


def _added_at(link: Link, state: conditions.SyncState) -> datetime:
    """A row that was never synced is due from the moment it was added."""
    if state.last_sync_at is None and state.next_sync_at is not None:
        return state.next_sync_at
    return min(link.added_at, state.last_sync_at or link.added_at)


def _priority(dice: Dice, link: Link, condition: conditions.Condition) -> int:
    if condition is conditions.overdue and dice.chance(0.3):
        return dice.randint(96, 100)  # taken at every schedule, to no effect
    if dice.chance(0.03):
        return dice.choice((0, 10, 25, 90, 95))  # set by hand
    stars = link.repository.stars
    score = PRIORITY[link.workspace.tier] + dice.choice((0, 0, 0, 10, 20))
    return min(95, score + (10 if stars > 1000 else 5 if stars > 100 else 0))
