"""Error texts as the sync function stores them: messages of exceptions, untrusted."""

from opsconsole.sandbox.generator.vocabulary import (
    HOSTILE_ERRORS,
    NETWORK_ERRORS,
    PARSE_ERRORS,
)
from opsconsole.sandbox.generator.world import Dice, World

HOSTILE_EVERY = 15  # failed rows, until each hostile text has been used


class Errors:
    """Hands out texts; the hostile ones once each, to rows that show them."""

    def __init__(self, world: World, dice: Dice) -> None:
        self._world = world
        self._dice = dice
        self._failed = 0
        self._hostile = list(HOSTILE_ERRORS)

    def text(self, full_name: str, *, failed: bool) -> str:
        """Return a text about a repository; failed tells a failed row from a stale error."""
        self._failed += failed
        if failed and self._hostile and self._failed % HOSTILE_EVERY == 1:
            return self._hostile.pop(0)
        if self._dice.chance(0.45):
            return self._dice.choice(PARSE_ERRORS)
        since = self._world.ago(hours=24).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return (
            f"error sending request for url (https://api.github.com/repos/{full_name}/issues"
            f"?state=all&since={since}&per_page=100&sort=updated&direction=desc&page=1): "
            + self._dice.choice(NETWORK_ERRORS)
        )
