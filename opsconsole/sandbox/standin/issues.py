"""What GitHub has to say about a repository's issues: decided by its name alone.

Each repository is touched at a steady pace of its own, from once in two days to sixty
times a day: a longer window brings more. Two repositories in a hundred are refused.
"""

import hashlib
import math
import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from opsconsole.sandbox.generator.vocabulary import (
    ISSUE_TITLES,
    LABELS,
    REPOSITORY_FIRST,
)
from opsconsole.sandbox.generator.world import Dice
from opsconsole.sandbox.standin.answers import Json, ScriptError, iso
from opsconsole.sandbox.standin.faults import Fault

PAGE = 100  # items, pull requests included
SLOWEST, FASTEST = 0.5, 60.0  # items a day
REFUSED = {0: 404, 1: 403}  # of a hundred repositories
PULL_REQUESTS = 0.3  # of the items
START = datetime(2025, 1, 1, tzinfo=UTC)  # items are counted from here
FIRST_NUMBER = 10_000  # above the issues that the platform was filled with
API = "https://api.github.com"
TROUBLES = {
    "exception": f"error sending request for url ({API}/repos/{{name}}/issues): "
    "connection closed before message completed",
    "not_json": "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
}


class IssuesPage(NamedTuple):
    """A page of issues, or the status of a refusal."""

    status: int
    items: list[Json]
    more: bool


def issues_page(
    full_name: str, since: datetime, number: int, *, seed: int, fault: Fault | None
) -> IssuesPage:
    """Return page `number`, from 1, of what was touched since then, newest first.

    Raises ScriptError.
    """
    kind = fault.fault if fault else ""
    if fault and kind == "slow":
        time.sleep(fault.seconds)
    if kind in TROUBLES:
        raise ScriptError(TROUBLES[kind].format(name=full_name))
    status = _status(full_name, seed, kind, number)
    if status != 200 or kind == "empty":
        return IssuesPage(status, [], more=False)
    every = _pace(full_name, seed)
    newest, oldest = (datetime.now(UTC) - START) // every, (since - START) // every
    first = newest - PAGE * (number - 1)
    counted = range(first, max(oldest, first - PAGE), -1)
    items = [_item(full_name, count, START + every * count, kind) for count in counted]
    return IssuesPage(200, items, more=first - PAGE > oldest)


def _status(full_name: str, seed: int, kind: str, number: int) -> int:
    if kind.isdigit() and number == 1:
        return int(kind)
    if kind == "later_pages" and number > 1:
        return 502
    return 200 if kind else REFUSED.get(_draw(full_name, seed) % 100, 200)


def _pace(full_name: str, seed: int) -> timedelta:
    """Return the time between two items, evenly spread over the magnitudes."""
    share = (_draw(full_name, seed) >> 8) % 10_000 / 10_000
    a_day = SLOWEST * math.pow(FASTEST / SLOWEST, share)
    return timedelta(days=1) / a_day


def _draw(full_name: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}/{full_name}".encode()).digest()[:6])


def _item(full_name: str, count: int, touched: datetime, kind: str) -> Json:
    """Return an issue or pull request as GitHub prints it, with what the function reads."""
    dice = Dice(f"{full_name}#{count}")
    thing = f"the {dice.choice(REPOSITORY_FIRST)} page"
    title = dice.choice(ISSUE_TITLES).format(thing=thing)
    label, colour = dice.choice(LABELS)
    closed = dice.chance(0.4)
    item: Json = {
        "id": 10_000_000_000 + dice.getrandbits(44),
        "number": FIRST_NUMBER + count,
        "title": None if kind == "bad_issues" else title,
        "body": "Seen since the last release.",
        "state": "closed" if closed else "open",
        "created_at": iso(touched - timedelta(hours=dice.uniform(0, 200))),
        "updated_at": iso(touched),
        "closed_at": iso(touched) if closed else None,
        "user": _user(dice.randrange(700_000, 700_400)),
        "labels": [{"name": label, "color": colour}],
        "assignees": None if kind == "null_assignees" else [],
        "milestone": None,
        "comments": dice.randrange(12),
    }
    if dice.chance(1 if kind == "only_prs" else PULL_REQUESTS):
        item["pull_request"] = {"url": f"{API}/repos/{full_name}/pulls/{count}"}
    return item


def _user(number: int) -> Json:
    return {
        "id": number,
        "login": f"contributor-{number}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "type": "User",
    }
