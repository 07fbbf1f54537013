"""A check's facts, whatever goes wrong while it looks."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.core.cache import cache
from django.utils import timezone

from opsconsole.deployment.facts import Fact, State
from opsconsole.deployment.registry import Check
from opsconsole.integrations.errors import NotFound, Refused, ServiceError
from opsconsole.platform import contract
from opsconsole.platform.panel import ask

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

SECONDS = 1.4  # for a service's answer; repeated tries may double it
SHARED = timedelta(seconds=15)  # several people look at what one was told
AGAIN = timedelta(seconds=2)  # the same for those who want to look again


class Unread(Exception):
    """The platform does not tell; the message says why."""

    def __init__(self, sentence: str, state: State) -> None:
        super().__init__(sentence)
        self.state = state


def from_platform(question: Callable[[], Answer], *required: str) -> Answer:
    """The platform's answer in what is left of the page's time. Raises Unread.

    `required` as in `panel.ask`.
    """
    platform = contract.current()
    if platform.reachable and (lacking := platform.lacks(*required)):
        raise Unread(" ".join(lacking), State.MISSING)
    asked = ask(question, *required)
    if asked.answer is None:
        raise Unread(asked.problem, State.UNKNOWN)
    return asked.answer


def shared(check: Check, *, again: bool = False) -> list[Fact]:
    """The facts as they were a moment ago, or looked at now: services count our calls."""
    key = f"deployment.{check.slug}"
    kept: tuple[datetime, list[Fact]] | None = cache.get(key)
    if kept and timezone.now() - kept[0] < (AGAIN if again else SHARED):
        return kept[1]
    facts = look(check)
    cache.set(key, (timezone.now(), facts), SHARED.total_seconds())
    return facts


def look(check: Check) -> list[Fact]:
    """Look now. Never raises: what cannot be known is a fact, too."""
    try:
        return list(check.look())
    except Unread as error:
        return [_instead(check, error.state, str(error))]
    except ServiceError as error:
        return [_instead(check, _state(error), str(error))]
    except Exception:  # the other checks are worth looking at all the same
        log.exception("The check %s failed", check.slug)
        sentence = "The console itself failed here: its log says why."
        return [_instead(check, State.UNKNOWN, sentence)]


def _state(error: ServiceError) -> State:
    """A wrong token is ours to put right; of a service that is down nothing is known."""
    if isinstance(error, NotFound):
        return State.MISSING
    return State.WRONG if isinstance(error, Refused) else State.UNKNOWN


def _instead(check: Check, state: State, sentence: str) -> Fact:
    return Fact(check.title, state, sentence, check.source)
