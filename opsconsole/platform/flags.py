"""What else is odd about a repository, whatever its diagnosis. A row may have several."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.rules import USUAL_INTERVAL, window


@dataclass(frozen=True)
class Flag:
    """A word, when it fits, what it means, and the operation that helps."""

    word: str
    where: Callable[[Circumstances], Q]
    sentence: str
    advice: str = ""
    remedy: str = ""


def _stale_error(known: Circumstances) -> Q:
    """The sync function clears neither on success (platform, 3.1)."""
    left_over = Q(last_sync_error__gt="") | Q(sync_attempts__gt=0)
    return Q(last_sync_status="success") & left_over


def _below_the_schedule(known: Circumstances) -> Q:
    interval = Coalesce(F("sync_frequency_hours"), Value(USUAL_INTERVAL))
    return Q(LessThan(interval, settings.SCHEDULE_HOURS))


def _duplicate(known: Circumstances) -> Q:
    """Only active others count: the platform has no index for those that are not."""
    model: Any = apps.get_model("platform", "WorkspaceTrackedRepository")
    others = model.objects.filter(
        tracked_repository=OuterRef("tracked_repository"), is_active=True
    ).exclude(pk=OuterRef("pk"))
    return Q(Exists(others))


FLAGS = (
    Flag(
        "stale error",
        _stale_error,
        "It succeeded; the error text or the attempts are left over from before.",
        "The sync function never clears them.",
    ),
    Flag(
        "coverage gap",
        lambda known: Q(last_sync_at__lt=known.now - window()),
        "Synced longer ago than a scheduled run fetches: what happened between is lost.",
        "Force a sync that reaches back to the last one.",
        "force-sync",
    ),
    Flag(
        "interval below the schedule",
        _below_the_schedule,
        "Its interval is shorter than the schedule's period, which makes no difference.",
        "Set an interval on the schedule's grid.",
        "set-interval",
    ),
    Flag(
        "duplicate",
        _duplicate,
        "Other workspaces sync the same repository: each sync costs its own calls.",
    ),
)
BY_WORD = {flag.word: flag for flag in FLAGS}
WORDS = tuple(BY_WORD)


def flags(circumstances: Circumstances) -> Func:
    """The row's flags as an array of words, as an expression."""
    each = (
        Case(
            When(flag.where(circumstances), Value(flag.word)), output_field=TextField()
        )
        for flag in FLAGS
    )
    array = Func(*each, template="ARRAY[%(expressions)s]")
    return Func(
        array,
        Value(None, TextField()),
        function="array_remove",
        output_field=ArrayField(TextField()),
    )


def has(flag: str, circumstances: Circumstances) -> "ExpressionWrapper[Q]":
    """Whether the row has the flag, as an expression. Raises KeyError for no flag."""
    return ExpressionWrapper(
        BY_WORD[flag].where(circumstances), output_field=BooleanField()
    )
