"""All groups for one text, each only for whom it may be."""

from collections.abc import Iterator
from uuid import UUID

from opsconsole.accounts.models import User
from opsconsole.search import own, platform
from opsconsole.search.groups import Group

LONGEST = 200  # characters
SHORTEST = 2
SEE = "platform.view_workspace"
RUN = "operations.view_run"


def find(user: User, text: str) -> list[Group]:
    """What the person may see of it; exact numbers and ids first.

    Without a text: the pages and operations. A text that is too short finds these too,
    and a run by its number.
    """
    return [group for group in _groups(user, text) if group.hits or group.problem]


def cleaned(text: str) -> str:
    """What was typed, as it is looked for."""
    return text.replace("\0", "").strip()[:LONGEST].strip()


def _groups(user: User, text: str) -> Iterator[Group]:
    runs, sees = user.has_perm(RUN), user.has_perm(SEE)
    if runs:
        yield Group("This number", "history", own.run_numbered(text))
    key = _id(text)
    if key and sees:
        yield platform.identified(key)
    yield own.pages(user, text)
    yield own.operations(user, text)
    if len(text) < SHORTEST or key:
        return
    if sees:
        yield platform.workspaces(text)
        yield platform.repositories(text)
    if runs:
        yield own.runs(text)
    if sees:
        yield own.errors(text)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) >= 32 else None
    except ValueError:
        return None
