"""What happened on GitHub: issues, and one row of numbers for each repository and day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from psycopg.types.json import Jsonb

from opsconsole.sandbox.generator.copying import Row, Rows
from opsconsole.sandbox.generator.people import Contributor
from opsconsole.sandbox.generator.repositories import Repository
from opsconsole.sandbox.generator.vocabulary import (
    ISSUE_TITLES,
    LABELS,
    REPOSITORY_FIRST,
)
from opsconsole.sandbox.generator.world import Dice, World

DAYS = 120  # of history; the runbook archives what is older than 90


def issue_rows(
    world: World, repositories: Sequence[Repository], community: Sequence[Contributor]
) -> Rows:
    """Yield issues of popular repositories, numbered in each, oldest first."""
    dice = world.dice("issues")
    shelves = [known for known in repositories if known.has_issues][:200]
    numbers = {known.id: count(1) for known in shelves}
    for order in range(world.scale.issues):
        known = dice.popular(shelves, skew=2)
        share = 1 - order / world.scale.issues
        opened = world.ago(days=DAYS * share, minutes=dice.uniform(0, 60))
        yield {
            "id": dice.identifier(),
            "github_id": 2_000_000_000 + order,
            "repository_id": known.id,
            "number": next(numbers[known.id]),
            "title": dice.choice(ISSUE_TITLES).format(thing=_thing(dice)),
            "body": "Steps to reproduce:\n\n1. …" if dice.chance(0.6) else None,
            "author_id": dice.popular(community).id,
            **_course(dice, opened, world.now),
        }


def metric_rows(world: World, repositories: Sequence[Repository]) -> Rows:
    """Yield 120 days for each of the most popular repositories, quiet at week-ends."""
    dice = world.dice("metrics")
    today = world.now.date()
    for known in repositories[: world.scale.active_repositories]:
        rate = dice.uniform(0.5, 12)
        for age in range(DAYS):
            day = today - timedelta(days=age)
            mean = rate * (0.25 if day.weekday() >= 5 else 1)
            commits, opened = (
                int(dice.expovariate(1 / mean)),
                int(dice.expovariate(2 / mean)),
            )
            yield {
                "id": dice.identifier(),
                "repository_id": known.id,
                "date": day,
                "commits_count": commits,
                "additions": commits * dice.randint(5, 120),
                "deletions": commits * dice.randint(1, 60),
                "files_changed": commits * dice.randint(1, 6),
                "unique_authors": min(commits, dice.randint(1, 9)),
                "prs_opened": commits // 3,
                "prs_merged": commits // 4,
                "issues_opened": opened,
                "issues_closed": int(opened * dice.random()),
                "avg_issue_close_time_hours": round(dice.uniform(1, 400), 2),
                "active_contributors": min(commits + opened, dice.randint(1, 20)),
                "is_complete": age > 0,
            }


def _course(dice: Dice, opened: datetime, now: datetime) -> Row:
    """Return how an issue went on after it was opened."""
    closed = opened + (now - opened) * dice.random() if dice.chance(0.55) else None
    touched = closed or opened + (now - opened) * dice.random() ** 2
    names = dice.sample(LABELS, dice.choice((0, 1, 1, 2)))
    return {
        "state": "closed" if closed else "open",
        "created_at": opened,
        "updated_at": touched,
        "closed_at": closed,
        "labels": Jsonb([{"name": name, "color": colour} for name, colour in names]),
        "comments_count": int(dice.expovariate(1 / 3)),
        "last_synced_at": min(now, touched + timedelta(hours=6)),
    }


def _thing(dice: Dice) -> str:
    return f"the {dice.choice(REPOSITORY_FIRST)} {dice.choice(('view', 'page', 'client', 'module'))}"
