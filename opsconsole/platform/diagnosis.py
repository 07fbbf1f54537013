"""Why is this repository not in step? One word for every row, worked out in SQL.

Pages, filters, samples, operations and the command line all use `word()`, so the same row
has the same word everywhere. The first diagnosis that fits wins: their order is the order
of DIAGNOSES.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.apps import apps
from django.db.models import (
    Case,
    DateTimeField,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from opsconsole.platform.rules import FAILED, REPEATEDLY, overdue_before

NAME = "tracked_repository__repository__full_name"
PAUSED = ~Q(fetch_issues=True) | Q(fetch_issues=None)  # the function takes `= true`
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # before any sync


@dataclass(frozen=True)
class Circumstances:
    """What a diagnosis must know beside the row itself; `history.circumstances` has it."""

    now: datetime
    first_in_line: tuple[UUID, ...] = ()  # the due rows that the next run takes
    refusals: Mapping[str, datetime] = field(default_factory=dict)
    # full name of a repository -> when the newest kept response named it with an error
    few: bool = False  # whether few rows are asked about: the same conditions, in words
    # that look each one up instead of reading all repositories once

    def for_few(self) -> Self:
        """The same, for a page of rows or a chunk."""
        return replace(self, few=True)


@dataclass(frozen=True)
class Diagnosis:
    """A word, when it fits, what it means, and the operation that helps."""

    word: str
    where: Callable[[Circumstances], Q]
    sentence: str  # for people; what to do is said by `advice`
    advice: str = ""
    remedy: str = ""  # slug of an operation that may not be there yet


def _issues_disabled(known: Circumstances) -> Q:
    """Measured at 200,000 rows: as a join 1.5 times the time of the set for all rows."""
    if known.few:
        return Q(tracked_repository__repository__has_issues=False)
    disabled = _tracked().filter(repository__has_issues=False)
    return Q(tracked_repository__in=disabled.values("pk"))


def _refused(circumstances: Circumstances) -> Q:
    """GitHub refusals leave no trace in the row (platform trap f), only in responses."""
    if not circumstances.refusals:
        return Q(pk__in=[])
    known = {name: at.isoformat() for name, at in circumstances.refusals.items()}
    named = _tracked().filter(repository__full_name__in=list(known))
    refused_at = Func(
        Value(known, JSONField()),
        F("repository__full_name"),
        template="(%(expressions)s)::timestamptz",
        arg_joiner=" ->> ",
        output_field=DateTimeField(),
    )
    own = named.filter(pk=OuterRef("tracked_repository_id")).values(at=refused_at)
    later = GreaterThan(Subquery(own), Coalesce(F("last_sync_at"), Value(BEGINNING)))
    # The set is worked out once and spares nearly all rows the second question.
    return Q(tracked_repository__in=named.values("pk")) & Q(later)


def _tracked() -> Any:
    """The models stand above this module: their querysets use it."""
    return apps.get_model("platform", "TrackedRepository").objects.order_by()


def _overdue(circumstances: Circumstances) -> Q:
    return Q(next_sync_at__lt=overdue_before(circumstances.now))


def _starved(circumstances: Circumstances) -> Q:
    return _overdue(circumstances) & ~Q(pk__in=circumstances.first_in_line)


DIAGNOSES = (
    Diagnosis(
        "paused",
        lambda known: PAUSED,
        "fetch_issues is off, so no run takes it.",
        "Resume it if its people expect it to be in step.",
        "resume-repository",
    ),
    Diagnosis(
        "inactive but syncing",
        lambda known: Q(is_active=False),
        "Switched off by is_active, which the sync function does not read.",
        "Pause it, or make it active again.",
        "pause-repository",
    ),
    Diagnosis(
        "issues disabled",
        _issues_disabled,
        "Issues are off on GitHub: each run spends a place on it and skips it.",
        "Pause it until issues are on again.",
        "pause-repository",
    ),
    Diagnosis(
        "failing repeatedly",
        lambda known: Q(last_sync_status=FAILED, sync_attempts__gt=REPEATEDLY),
        f"More than {REPEATEDLY} attempts in a row ended in an exception.",
        "Read the error first; a reset lets the next run try again.",
        "reset-failed-sync",
    ),
    Diagnosis(
        "failed",
        lambda known: Q(last_sync_status=FAILED),
        "The last sync ended in an exception.",
        "Reset it: it becomes due and the error is cleared.",
        "reset-failed-sync",
    ),
    Diagnosis(
        "refused",
        _refused,
        "The newest response of the sync function names it with an error.",
        "Look at it on GitHub: it may be gone, renamed, private or blocked.",
    ),
    Diagnosis(
        "never scheduled",
        lambda known: Q(next_sync_at=None),
        "It has no next sync, so no run ever takes it.",
        "Force a sync: that gives it a place in the schedule.",
        "force-sync",
    ),
    Diagnosis(
        "starved",
        _starved,
        "Overdue, and behind more due repositories than a scheduled run takes.",
        "Raise its priority, or lengthen the intervals of others.",
        "set-priority",
    ),
    Diagnosis(
        "overdue",
        _overdue,
        "A scheduled run should have taken it: quiet, or refused without our knowing.",
        "Force a sync and read its response.",
        "force-sync",
    ),
    Diagnosis(
        "never synced",
        lambda known: Q(last_sync_at=None),
        "Not once since it was added, and not late yet.",
        "Wait for the next run.",
    ),
    Diagnosis(
        "due",
        lambda known: Q(next_sync_at__lte=known.now),
        "The next run may take it.",
    ),
    Diagnosis("ok", lambda known: Q(), "Its next sync lies ahead."),
)
BY_WORD = {diagnosis.word: diagnosis for diagnosis in DIAGNOSES}
WORDS = tuple(BY_WORD)
TROUBLE = tuple(  # somebody should look; the first two are often meant to be so
    word
    for word in WORDS[: WORDS.index("never synced")]
    if word not in ("paused", "issues disabled")
)


def word(circumstances: Circumstances) -> Case:
    """The row's word, as an expression over workspace_tracked_repositories."""
    *first, last = DIAGNOSES
    return Case(
        *(When(found.where(circumstances), Value(found.word)) for found in first),
        default=Value(last.word),
        output_field=TextField(),
    )
