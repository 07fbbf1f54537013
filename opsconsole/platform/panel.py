"""A part of a page that must not take the page down with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError, ProgrammingError

from opsconsole.platform import contract
from opsconsole.platform.deadline import deadline
from opsconsole.platform.needs import GONE, is_ours, sentence

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Panel(Generic[Answer]):
    """What the platform answered, or the sentence to show instead."""

    answer: Answer | None
    problem: str = ""


def ask(question: Callable[[], Answer], *required: str) -> Panel[Answer]:
    """Ask the platform for a panel in what is left of the page's time.

    `required` as in `needs`, each "table.column". The answer must be complete: a
    queryset would be evaluated later, outside of the deadline.
    """
    platform = contract.current()
    if not platform.reachable:
        return Panel(None, contract.SILENT)
    if lacking := platform.lacks(*required):
        return Panel(None, " ".join(lacking))
    try:
        with deadline():
            return Panel(question())
    except (OperationalError, InterfaceError, ProgrammingError) as error:
        if is_ours() or not _foreseen(error):
            raise
        return Panel(None, sentence(error))


def _foreseen(error: Exception) -> bool:
    if isinstance(error, ProgrammingError):
        return isinstance(error.__cause__, GONE)
    return True
