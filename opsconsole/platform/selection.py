"""Which rows a list shows and a bulk operation means: the same fields, the same rows.

A selection is what stands in a list's address. It travels to an operation as text, and
the plan freezes it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db.models import Q

from opsconsole.platform import diagnosis, flags
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.models import (
    TrackedRepository,
    Workspace,
    WorkspaceTrackedRepository,
)
from opsconsole.platform.querysets import (
    WorkspaceQuerySet,
    WorkspaceTrackedRepositoryQuerySet,
)

LONGEST_TEXT = 200  # characters
NEARLY_FULL = 0.8  # of a workspace's own limit
QUIET_AFTER = timedelta(days=30)  # without activity
USAGES = {"nearly_full": "Over 80 % used", "over_limit": "Over the limit"}
ACTIVITIES = {"active": "In the last 30 days", "quiet": "Quiet for 30 days"}
STATES = {"deleted": "Deleted"}


class SelectionError(ValueError):
    """A field holds what it cannot; the message names it and what it accepts."""


@dataclass(frozen=True)
class _Selection:
    choices: ClassVar[dict[str, Any]] = {}  # field -> the values it accepts

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Self:
        """From an address or stored parameters; other names in it are not ours.

        Raises SelectionError.
        """
        names = [field.name for field in fields(cls)]
        values = {name: str(given.get(name) or "").strip() for name in names}
        for name, value in values.items():
            accepted = cls.choices.get(name)
            if value and accepted is not None and value not in accepted:
                raise SelectionError(
                    f"{name}: {value[:60]!r} is none of {', '.join(accepted)}."
                )
            if len(value) > LONGEST_TEXT:
                raise SelectionError(f"{name}: at most {LONGEST_TEXT} characters.")
        return cls(**values)

    def as_dict(self) -> dict[str, str]:
        """The fields that are set: everything that `from_mapping` needs."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class RowSelection(_Selection):
    """Tracked repositories. With every field empty: all of them."""

    q: str = ""  # in the repository's or the workspace's name
    tier: str = ""
    word: str = ""
    flag: str = ""
    error: str = ""  # a fingerprint
    workspace: str = ""  # an id

    choices: ClassVar[dict[str, Any]] = {"word": diagnosis.WORDS, "flag": flags.WORDS}

    def rows(self, circumstances: Circumstances) -> WorkspaceTrackedRepositoryQuerySet:
        """The rows that fit all fields, with nothing annotated. Raises SelectionError."""
        rows: WorkspaceTrackedRepositoryQuerySet = (
            WorkspaceTrackedRepository.objects.all()
        )
        if self.workspace:
            rows = rows.of_workspace(_id(self.workspace))
        if self.q:
            rows = rows.filter(_named(self.q))
        if self.tier:
            rows = rows.in_tiers([self.tier])
        if self.error:
            rows = rows.failed().with_error(self.error)
        if self.word:
            rows = rows.with_word(self.word, circumstances)
        if self.flag:
            rows = rows.with_flag(self.flag, circumstances)
        return rows


@dataclass(frozen=True)
class WorkspaceSelection(_Selection):
    """Workspaces. With every field empty: all that are not deleted."""

    q: str = ""  # in its name, its slug or a repository's name
    tier: str = ""
    word: str = ""  # of at least one of its tracked repositories
    flag: str = ""
    usage: str = ""  # one of USAGES
    activity: str = ""  # one of ACTIVITIES
    state: str = ""  # one of STATES

    choices: ClassVar[dict[str, Any]] = {
        "word": diagnosis.WORDS,
        "flag": flags.WORDS,
        "usage": USAGES,
        "activity": ACTIVITIES,
        "state": STATES,
    }

    def workspaces(self, circumstances: Circumstances) -> WorkspaceQuerySet:
        """The workspaces that fit all fields."""
        found: WorkspaceQuerySet = Workspace.objects.all()
        found = found.deleted() if self.state else found.active()
        if self.q:
            found = found.matching(self.q)
        if self.tier:
            found = found.filter(tier=self.tier)
        if self.word or self.flag:
            rows = RowSelection(word=self.word, flag=self.flag).rows(circumstances)
            found = found.filter(pk__in=rows.values("workspace_id"))
        if self.usage:
            share = NEARLY_FULL if self.usage == "nearly_full" else 1
            found = found.using_over(share)
        if self.activity:
            since = circumstances.now - QUIET_AFTER
            quiet = self.activity == "quiet"
            found = found.quiet_since(since) if quiet else found.active_since(since)
        return found


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SelectionError(f"workspace: {text[:60]!r} is not an id.") from None


def _named(text: str) -> Q:
    """Looked up beside the rows: joined to them, it would be asked a million times."""
    workspaces = Workspace.objects.filter(name__icontains=text)
    repositories = TrackedRepository.objects.filter(
        repository__full_name__icontains=text
    )
    return Q(workspace__in=workspaces.values("pk")) | Q(
        tracked_repository__in=repositories.values("pk")
    )
