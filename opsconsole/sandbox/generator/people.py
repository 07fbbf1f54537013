"""Users of the platform, and contributors on GitHub."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from opsconsole.sandbox.generator.copying import Rows
from opsconsole.sandbox.generator.naming import Unique, login, person
from opsconsole.sandbox.generator.world import World

BOTS = ("dependabot", "renovate", "github-actions")


class User(NamedTuple):
    """A person of the app: known by one id to the platform, by another to the sign-in."""

    id: str
    auth_id: str


class Contributor(NamedTuple):
    """Somebody who writes issues."""

    id: str
    login: str
    github_id: int


def users(world: World) -> list[User]:
    """Return more people than workspaces: owners, and members who own none."""
    dice = world.dice("users")
    total = world.scale.workspaces * 7 // 5
    return [User(dice.identifier(), dice.identifier()) for _ in range(total)]


def user_rows(world: World, people: Sequence[User]) -> Rows:
    dice, accounts = world.dice("user rows"), Unique()
    for number, user in enumerate(people):
        name = person(dice)
        account = accounts.of(login(dice, name))
        joined = world.ago(days=dice.uniform(1, 700))
        seen = world.now - (world.now - joined) * dice.random() ** 3
        yield {
            "id": user.id,
            "auth_user_id": user.auth_id,
            "github_user_id": 10_000 + number,
            "github_username": account,
            "email": f"{account}@example.com",
            "display_name": name,
            "avatar_url": f"https://avatars.githubusercontent.com/u/{10_000 + number}?v=4",
            "is_admin": number < 2,
            "first_login_at": joined,
            "last_login_at": seen,
            "created_at": joined,
            "updated_at": seen,
        }


def contributors(world: World) -> list[Contributor]:
    """Return a community: one person for twenty issues, and three bots."""
    dice, accounts = world.dice("contributors"), Unique()
    names = [f"{bot}-bot" for bot in BOTS]
    names += [login(dice, person(dice)) for _ in range(world.scale.issues // 20)]
    return [
        Contributor(dice.identifier(), accounts.of(name), 500_000 + number)
        for number, name in enumerate(names)
    ]


def contributor_rows(world: World, community: Sequence[Contributor]) -> Rows:
    dice = world.dice("contributor rows")
    for someone in community:
        seen = world.ago(days=dice.uniform(1, 400))
        yield {
            "id": someone.id,
            "github_id": someone.github_id,
            "username": someone.login,
            "display_name": someone.login.replace("-", " ").title(),
            "avatar_url": f"https://avatars.githubusercontent.com/u/{someone.github_id}?v=4",
            "profile_url": f"https://github.com/{someone.login}",
            "is_bot": someone.login.endswith("-bot"),
            "first_seen_at": seen,
            "last_updated_at": seen + timedelta(hours=dice.uniform(0, 24)),
        }
