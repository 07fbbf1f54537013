"""Workspaces with their members and subscriptions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from opsconsole.sandbox.generator.copying import Rows
from opsconsole.sandbox.generator.naming import Unique, company, slug
from opsconsole.sandbox.generator.people import User
from opsconsole.sandbox.generator.vocabulary import AWKWARD_NAMES
from opsconsole.sandbox.generator.world import Dice, World

EXAMPLE = "811b5a77-ba90-4057-bc5c-18bc323d0482"  # the id in the platform's documents
TROUBLED = 0.25  # of the workspaces have all the failures
MEAN_SIZE = 8.4  # repositories of a workspace, with the sizes below

TIERS = {"free": 0.77, "pro": 0.195, "team": 0.035}
SIZES = {
    "free": (1, 9),
    "pro": (4, 32),
    "team": (15, 70),
}  # repositories, least and most
LIMITS: dict[str, dict[int | None, float]] = {
    "free": {10: 0.7, 4: 0.2, 3: 0.1},
    "pro": {50: 0.84, 10: 0.1, 100: 0.05, None: 0.01},
    "team": {100: 0.7, 999: 0.3},
}  # the platform's sources disagree, and so do its rows
RETENTION = {"free": 30, "pro": 90, "team": 365}  # days
GUESTS = {"free": 1, "pro": 4, "team": 12}  # at most


class Workspace(NamedTuple):
    """What the other parts must know about a workspace."""

    id: str
    owner: User
    tier: str
    created_at: datetime
    limit: int | None
    size: int  # repositories it wants
    troubled: bool
    subscription: str | None


def workspaces(world: World, people: Sequence[User]) -> list[Workspace]:
    dice = world.dice("workspaces")
    stretch = world.scale.links / world.scale.workspaces / MEAN_SIZE
    found = [
        _workspace(world, dice, people, stretch) for _ in range(world.scale.workspaces)
    ]
    found[0] = found[0]._replace(id=EXAMPLE)
    return found


def workspace_rows(
    world: World, found: Sequence[Workspace], counts: dict[str, int]
) -> Rows:
    """Yield the rows; `counts` are the repositories of each workspace by its id."""
    dice, slugs = world.dice("workspace rows"), Unique()
    awkward = dict(zip(range(7, len(found), 23), AWKWARD_NAMES, strict=False))
    for number, workspace in enumerate(found):
        name = awkward.get(number) or company(dice)
        active_at = world.now - (world.now - workspace.created_at) * dice.random() ** 4
        yield {
            "id": workspace.id,
            "name": name,
            "slug": slugs.of(slug(name)),
            "description": f"All of {name}" if dice.chance(0.4) else None,
            "owner_id": workspace.owner.id,
            "visibility": _visibility(dice, workspace.tier),
            "tier": workspace.tier,
            "subscription_id": workspace.subscription,
            "max_repositories": workspace.limit,
            "current_repository_count": counts.get(workspace.id, 0),
            "data_retention_days": RETENTION[workspace.tier],
            "created_at": workspace.created_at,
            "updated_at": active_at,
            "last_activity_at": active_at,
            "is_active": not dice.chance(0.04),
        }


def member_rows(
    world: World, found: Sequence[Workspace], people: Sequence[User]
) -> Rows:
    """Yield the owner of each workspace, then who was invited; some have not answered."""
    dice = world.dice("members")
    for workspace in found:
        total = dice.randint(0, GUESTS[workspace.tier])
        everyone = [workspace.owner, *(dice.choice(people) for _ in range(total))]
        for user in dict.fromkeys(everyone):
            owns = user is workspace.owner
            asked = world.now - (world.now - workspace.created_at) * dice.random()
            invited = workspace.created_at if owns else asked
            answered = owns or dice.chance(0.85)
            yield {
                "id": dice.identifier(),
                "workspace_id": workspace.id,
                "user_id": user.id,
                "role": "owner" if owns else dice.choice(("maintainer", "contributor")),
                "invited_by": None if owns else workspace.owner.id,
                "invited_at": invited,
                "accepted_at": invited if answered else None,
                "created_at": invited,
                "updated_at": invited,
                "last_active_at": invited if answered else None,
            }


def subscription_rows(world: World, found: Sequence[Workspace]) -> Rows:
    """Yield what is paid for; about one in fifteen does not match its workspace's tier."""
    dice = world.dice("subscriptions")
    for workspace in found:
        if workspace.subscription is None:
            continue
        other = "team" if workspace.tier == "pro" else "pro"
        tier = other if dice.chance(0.03) else workspace.tier
        status = dice.pick({"active": 0.96, "canceled": 0.02, "past_due": 0.02})
        period = world.ago(days=dice.uniform(0, 28))
        yield {
            "id": workspace.subscription,
            "user_id": workspace.owner.auth_id,
            "tier": tier,
            "status": status,
            "billing_cycle": dice.choice(("monthly", "yearly")),
            "polar_customer_id": f"cus_{dice.getrandbits(48):012x}",
            "polar_subscription_id": f"sub_{dice.getrandbits(48):012x}",
            "max_workspaces": 3 if tier == "team" else 1,
            "max_repos_per_workspace": 3,
            "current_period_start": period,
            "current_period_end": period + timedelta(days=30),
            "canceled_at": period if status == "canceled" else None,
            "created_at": workspace.created_at,
            "updated_at": period,
        }


def _workspace(
    world: World, dice: Dice, people: Sequence[User], stretch: float
) -> Workspace:
    tier = dice.pick(TIERS)
    limit = dice.pick(LIMITS[tier])
    wanted = max(1, round(dice.uniform(*SIZES[tier]) * stretch))
    if limit and dice.chance(0.08):
        wanted = limit  # full
    pays = dice.chance(0.03 if tier == "free" else 0.96)
    return Workspace(
        id=dice.identifier(),
        owner=dice.popular(people, skew=1.2),
        tier=tier,
        created_at=world.ago(days=dice.uniform(2, 480)),
        limit=limit,
        size=min(wanted, limit or wanted, 100),
        troubled=dice.chance(TROUBLED),
        subscription=dice.identifier() if pays else None,
    )


def _visibility(dice: Dice, tier: str) -> str:
    return "private" if tier != "free" and dice.chance(0.5) else "public"
