"""Everything a sample counts on the platform, in as few scans of it as possible.

The words and flags are the expressions of `platform.diagnosis` and `platform.flags`; one
scan groups all rows by tier and word, and most other numbers of tracked repositories
are sums over these groups.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db.models import (
    BooleanField,
    Count,
    DecimalField,
    F,
    FloatField,
    Func,
    Q,
    Sum,
    Value,
)
from django.db.models.functions import Ceil, Coalesce, Greatest

from opsconsole.history.errors import Found, found
from opsconsole.history.models.samples import Counts
from opsconsole.platform import diagnosis, flags, rules
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository

SYNC = "workspace_tracked_repositories"
NEEDS = (
    *(
        f"{SYNC}.{column}"
        for column in (
            "workspace_id",
            "tracked_repository_id",
            "fetch_issues",
            "is_active",
            "last_sync_at",
            "last_sync_error",
            "last_sync_status",
            "next_sync_at",
            "priority_score",
            "sync_attempts",
            "sync_frequency_hours",
        )
    ),
    "workspaces.tier",
    "workspaces.is_active",
    "tracked_repositories.repository_id",
    "repositories.full_name",
    "repositories.has_issues",
)  # without one of these no row has a word
Group = dict[str, Any]  # tier, word, and sums of their rows
Rows = WorkspaceTrackedRepository.objects


def count(
    now: datetime, refusals: dict[str, datetime]
) -> tuple[dict[str, Any], list[Found]]:
    """The fields of a sample, and the errors that its fingerprints stand for.

    `refusals` as `circumstances` has them.
    """
    line = tuple(Rows.in_line(now).values_list("pk", flat=True)[: rules.slots()])
    known = Circumstances(now, line, refusals)
    groups, errors = list(_groups(known)), found()
    fields = {
        "first_in_line": list(line),
        "words": _words(groups),
        "flags": _flags(known),
        "errors": {error.fingerprint: error.tiers for error in errors},
        "workspaces": _workspaces(),
        "calls": _calls(groups),
        "runbook": _runbook(groups),
        "due": sum(group["due"] for group in groups),
        "synced_lately": sum(group["synced_lately"] for group in groups),
    }
    return fields, errors


def calls_a_day() -> Any:
    """Estimated GitHub calls of a row, as an expression.

    An estimate of the schedule's own calls: one for each sync, every interval rounded up
    to the schedule's grid. It may be more (up to five pages for one sync, rows that do
    not advance are fetched at each schedule) and less (the slots of the schedule end it).
    Source: reference of the platform, cost.
    """
    interval = Greatest(
        Coalesce(F("sync_frequency_hours"), Value(rules.USUAL_INTERVAL)), Value(1)
    )
    grid = Value(float(settings.SCHEDULE_HOURS))
    rounds = Ceil(interval / grid, output_field=FloatField())
    return Value(24.0) / (rounds * grid)


def _groups(known: Circumstances) -> Any:
    runs = Q(is_active=True)  # as the runbook has it: NULL does not count
    since = known.now - rules.window()
    age = Func(
        Value(known.now) - F("last_sync_at"),
        template="EXTRACT(EPOCH FROM %(expressions)s)",
        output_field=DecimalField(),
    )
    # Any signed-in user of the platform can write `infinity`.
    finite = Func(F("last_sync_at"), function="isfinite", output_field=BooleanField())
    worded = Rows.annotate(word=diagnosis.word(known))
    grouped = worded.values("workspace__tier", "word")
    counted: Any = grouped.annotate(
        rows=Count("pk"),
        calls=Sum(calls_a_day(), filter=Q(fetch_issues=True)),
        due=Count("pk", filter=Q(fetch_issues=True, next_sync_at__lte=known.now)),
        synced_lately=Count(
            "pk", filter=Q(last_sync_status="success", last_sync_at__gte=since)
        ),
        active=Count("pk", filter=runs),
        successful=Count("pk", filter=runs & Q(last_sync_status="success")),
        failed=Count("pk", filter=runs & Q(last_sync_status=rules.FAILED)),
        aged=Count("last_sync_at", filter=runs & Q(finite)),
        age=Sum(age, filter=runs & Q(finite)),
    ).order_by()
    return counted


def _words(groups: Iterable[Group]) -> Counts:
    counts: Counts = {}
    for group in groups:
        counts.setdefault(group["workspace__tier"], {})[group["word"]] = group["rows"]
    return counts


def _flags(known: Circumstances) -> Counts:
    """Each in a scan of its own: `duplicate` is a join then, and no question per row."""
    counts: Counts = {}
    for flag in flags.WORDS:
        tiers = Rows.with_flag(flag, known).values_list("workspace__tier")
        for tier, rows in tiers.annotate(Count("pk")).order_by():
            counts.setdefault(tier, {})[flag] = rows
    return counts


def _calls(groups: Iterable[Group]) -> dict[str, float]:
    calls: dict[str, float] = {}
    for group in groups:
        tier = group["workspace__tier"]
        calls[tier] = calls.get(tier, 0) + (group["calls"] or 0)
    return {tier: round(number, 1) for tier, number in calls.items()}


def _runbook(groups: list[Group]) -> dict[str, int | None]:
    """The numbers of the runbook's morning query, under the names it gives them.

    Runbook, "Morning Health Check": `total_workspaces` counts tracked repositories, and
    all of it leaves out what is not active.
    """
    total, successful, failed, aged = (
        sum(group[name] for group in groups)
        for name in ("active", "successful", "failed", "aged")
    )
    seconds = sum((group["age"] or Decimal(0) for group in groups), Decimal(0))
    hours = seconds / aged / 3600 if aged else None
    return {
        "total_workspaces": total,
        "successful": successful,
        "failed": failed,
        "avg_hours_since_sync": None
        if hours is None
        else int(hours.to_integral_value(ROUND_HALF_UP)),  # as `::INT` rounds
    }


def _workspaces() -> dict[str, int]:
    tiers = Workspace.objects.active().values_list("tier")
    return dict(tiers.annotate(Count("pk")).order_by())
