"""GitHub's side of a stop: whether its schedule is on, and what is under way."""

from dataclasses import dataclass

from opsconsole.integrations import github
from opsconsole.integrations.errors import ServiceError

LONGEST = 40  # characters of a state


@dataclass(frozen=True)
class Outside:
    """What GitHub said, as far as it did."""

    state: str = ""  # its word; empty when unknown
    underway: int | None = None  # runs; None when unknown
    problem: str = ""


def read(seconds: float) -> Outside:
    """Ask; each of the three requests may take so many seconds, and as many again."""
    state = ""
    try:
        client = github.client(timeout=seconds)
        state = github.workflow(client).state[:LONGEST]
        return Outside(state, github.underway(client))
    except ServiceError as error:
        return Outside(state, None, str(error))
