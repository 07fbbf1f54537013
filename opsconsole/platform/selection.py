"""Which rows a list shows and a bulk operation means: the same fields, the same rows.

A selection is what stands in a list's address. It travels to an operation as text, and
the plan freezes it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, ClassVar, Self
from unicodedata import category
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from opsconsole.platform import diagnosis, flags
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.fingerprint import LENGTH
from opsconsole.platform.models import (
    TrackedRepository,
    Workspace,
    WorkspaceRepository,
    WorkspaceTrackedRepository,
)
from opsconsole.platform.querysets import (
    WorkspaceQuerySet,
    WorkspaceTrackedRepositoryQuerySet,
)

LONGEST_TEXT = 200  # characters
EVERYTHING = "q="  # the text of a selection that leaves nothing out: never empty
NEARLY_FULL = 0.8  # of a workspace's own limit
QUIET_AFTER = timedelta(days=30)  # without activity
USAGES = {"nearly_full": "Over 80 % used", "over_limit": "Over the limit"}
ACTIVITIES = {"active": "In the last 30 days", "quiet": "Quiet for 30 days"}
STATES = {"deleted": "Deleted"}
ANY_TROUBLE = "trouble"  # instead of a word: any of diagnosis.TROUBLE
UNPRINTABLE = ("Cc", "Cs")  # Unicode categories; PostgreSQL stores no NUL, no surrogate
PATTERNS = {
    "error": (re.compile(rf"[0-9a-f]{{{LENGTH}}}"), "a fingerprint of errors"),
    "workspace": (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "an id"),
}


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
            if value:
                _check(name, value, cls.choices.get(name))
        return cls(**values)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """From `as_text()`.

        Stricter than an address: a name that is not ours may be a slip, and would mean
        more rows than somebody wanted. Raises SelectionError.
        """
        if text == EVERYTHING:
            return cls()
        known = [field.name for field in fields(cls)]
        pairs = parse_qsl(text, keep_blank_values=True)
        for name, times in Counter(name for name, _ in pairs).items():
            if name not in known:
                raise SelectionError(f"{name[:60]!r} is none of {', '.join(known)}.")
            if times > 1:
                raise SelectionError(f"{name}: given {times} times.")
        selection = cls.from_mapping(dict(pairs))
        if not selection.as_dict():
            raise SelectionError(f"Nothing is chosen; {EVERYTHING!r} means everything.")
        return selection

    def as_dict(self) -> dict[str, str]:
        """The fields that are set: everything that `from_mapping` needs."""
        return {name: value for name, value in asdict(self).items() if value}

    def as_text(self) -> str:
        """The selection in one line, never empty; `from_text` reads it."""
        return urlencode(self.as_dict()) or EVERYTHING


def _check(name: str, value: str, accepted: Any) -> None:
    """Raises SelectionError for what the field cannot be."""
    if accepted is not None and value not in accepted:
        raise SelectionError(
            f"{name}: {value[:60]!r} is none of {', '.join(accepted)}."
        )
    if len(value) > LONGEST_TEXT:
        raise SelectionError(f"{name}: at most {LONGEST_TEXT} characters.")
    if any(category(character) in UNPRINTABLE for character in value):
        raise SelectionError(f"{name}: holds characters that cannot be printed.")
    if name in PATTERNS:
        pattern, what = PATTERNS[name]
        if not pattern.fullmatch(value):
            raise SelectionError(f"{name}: {value[:60]!r} is not {what}.")


@dataclass(frozen=True)
class RowSelection(_Selection):
    """Tracked repositories. With every field empty: all of them."""

    q: str = ""  # in the repository's or the workspace's name
    tier: str = ""
    word: str = ""  # a diagnosis, or ANY_TROUBLE
    flag: str = ""
    error: str = ""  # a fingerprint
    workspace: str = ""  # an id

    choices: ClassVar[dict[str, Any]] = {
        "word": (*diagnosis.WORDS, ANY_TROUBLE),
        "flag": flags.WORDS,
    }

    def rows(
        self, circumstances: Circumstances, *, few: bool = False
    ) -> WorkspaceTrackedRepositoryQuerySet:
        """The rows that fit all fields, with nothing annotated.

        `few`: phrased for asking which of a few rows are among them, not for all rows.
        """
        rows: WorkspaceTrackedRepositoryQuerySet = (
            WorkspaceTrackedRepository.objects.all()
        )
        if self.workspace:
            rows = rows.of_workspace(UUID(self.workspace))
        if self.q:
            rows = rows.filter(_one_is_named(self.q) if few else _named(self.q))
        if self.tier:
            rows = rows.in_tiers([self.tier])
        if self.error:
            rows = rows.failed().with_error(self.error)
        known = circumstances.for_few() if few or self.workspace else circumstances
        return self._diagnosed(rows, known)

    def _diagnosed(
        self, rows: WorkspaceTrackedRepositoryQuerySet, known: Circumstances
    ) -> WorkspaceTrackedRepositoryQuerySet:
        if self.word == ANY_TROUBLE:
            rows = rows.in_trouble(known)
        elif self.word:
            rows = rows.with_word(self.word, known)
        return rows.with_flag(self.flag, known) if self.flag else rows


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

    def workspaces(
        self, circumstances: Circumstances, *, few: bool = False
    ) -> WorkspaceQuerySet:
        """The workspaces that fit all fields; `few` as for rows."""
        found: WorkspaceQuerySet = Workspace.objects.all()
        found = found.deleted() if self.state else found.active()
        if self.q:
            found = (
                found.filter(_one_is_called(self.q)) if few else found.matching(self.q)
            )
        if self.tier:
            found = found.filter(tier=self.tier)
        if self.word or self.flag:
            rows = RowSelection(word=self.word, flag=self.flag).rows(
                circumstances, few=few
            )
            found = found.filter(pk__in=rows.values("workspace_id"))
        if self.usage:
            share = NEARLY_FULL if self.usage == "nearly_full" else 1
            found = found.using_over(share)
        if self.activity:
            since = circumstances.now - QUIET_AFTER
            quiet = self.activity == "quiet"
            found = found.quiet_since(since) if quiet else found.active_since(since)
        return found


def _named(text: str) -> Q:
    """Looked up beside the rows: joined to them, it would be asked a million times."""
    workspaces = Workspace.objects.filter(name__icontains=text)
    repositories = TrackedRepository.objects.filter(
        repository__full_name__icontains=text
    )
    return Q(workspace__in=workspaces.values("pk")) | Q(
        tracked_repository__in=repositories.values("pk")
    )


def _one_is_named(text: str) -> Q:
    """The same, looked up for each row."""
    workspace = Workspace.objects.filter(
        pk=OuterRef("workspace_id"), name__icontains=text
    )
    repository = TrackedRepository.objects.filter(
        pk=OuterRef("tracked_repository_id"), repository__full_name__icontains=text
    )
    return Q(Exists(workspace)) | Q(Exists(repository))


def _one_is_called(text: str) -> Q:
    """What `WorkspaceQuerySet.matching` finds, looked up for each workspace."""
    inside = WorkspaceRepository.objects.filter(
        workspace=OuterRef("pk"), repository__full_name__icontains=text
    )
    return Q(name__icontains=text) | Q(slug__icontains=text) | Q(Exists(inside))
