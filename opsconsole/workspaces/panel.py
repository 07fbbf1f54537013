"""A part of a page that must not take the page down with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

from opsconsole.platform import contract
from opsconsole.workspaces.deadline import PANEL, deadline

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Panel(Generic[Answer]):
    """What the platform answered, or the sentence to show instead."""

    answer: Answer | None
    problem: str = ""


def ask(question: Callable[[], Answer], *required: str) -> Panel[Answer]:
    """Ask the platform for a panel; `required` as in `needs`, each "table.column"."""
    if lacking := contract.current().lacks(*required):
        return Panel(None, " ".join(lacking))
    try:
        with deadline(PANEL):
            return Panel(question())
    except (OperationalError, InterfaceError):
        contract.forget()
        return Panel(None, "The platform's database does not answer, or not in time.")
