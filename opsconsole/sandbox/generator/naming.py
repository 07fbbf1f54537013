"""Names that could be real: of companies, people, accounts and repositories."""

import re
import unicodedata

from opsconsole.sandbox.generator.vocabulary import (
    COMPANY_FIRST,
    COMPANY_SECOND,
    COMPANY_THIRD,
    FAMILY,
    GIVEN,
    REPOSITORY_FIRST,
    REPOSITORY_PLAIN,
    REPOSITORY_SECOND,
)
from opsconsole.sandbox.generator.world import Dice

LONGEST_LOGIN = 39  # characters; GitHub's limit and repositories_owner_format
LONGEST_SLUG = 50  # characters; workspace_slug_length
UNDECOMPOSED = str.maketrans(
    "øØıłß", "oOils"
)  # letters that no accent can be taken from


class Unique:
    """Hands out each name once: a second `acme` becomes `acme-2`."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def of(self, name: str) -> str:
        """Return the name, with a number if it was handed out before."""
        candidate = name
        while candidate in self._taken:
            self._taken[name] += 1
            candidate = f"{name}-{self._taken[name]}"
        self._taken[candidate] = 1
        return candidate


def company(dice: Dice) -> str:
    """Return a name such as "Northwind Analytics", sometimes of a department."""
    name = f"{dice.choice(COMPANY_FIRST)} {dice.choice(COMPANY_SECOND)}"
    return f"{name} {dice.choice(COMPANY_THIRD)}" if dice.chance(0.25) else name


def person(dice: Dice) -> str:
    """Return a given and a family name."""
    return f"{dice.choice(GIVEN)} {dice.choice(FAMILY)}"


def slug(name: str, longest: int = LONGEST_SLUG) -> str:
    """Return a name in the letters of a URL; "workspace" where none is left."""
    letters = unicodedata.normalize("NFKD", name.translate(UNDECOMPOSED))
    plain = letters.encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = words[: longest - 6].strip("-")  # room for the number of Unique
    return short if len(short) >= 3 else f"workspace-{short}".strip("-")


def login(dice: Dice, name: str) -> str:
    """Return the GitHub account of a company or person, in one of the usual forms."""
    words = slug(name, LONGEST_LOGIN).split("-")
    return dice.pick(
        {
            "-".join(words): 5,
            "".join(words): 2,
            f"{words[0]}-{dice.choice(('hq', 'io', 'dev', 'labs', 'oss'))}": 2,
            f"{words[0][0]}{words[-1]}": 1,
        }
    )


def repository(dice: Dice) -> str:
    """Return a name such as "motion-planner"."""
    if dice.chance(0.06):
        return dice.choice(REPOSITORY_PLAIN)
    joint = dice.pick({"-": 0.9, "_": 0.06, ".": 0.04})
    return f"{dice.choice(REPOSITORY_FIRST)}{joint}{dice.choice(REPOSITORY_SECOND)}"
