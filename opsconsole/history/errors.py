"""Errors of one kind: who has them now, and since when they are known."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, TextField
from django.db.models.functions import Cast, Left

from opsconsole.history.models import ErrorGroup, Sample
from opsconsole.history.trends import trend
from opsconsole.platform.db import READ, fetch
from opsconsole.platform.fingerprint import fingerprint, pattern
from opsconsole.platform.models import WorkspaceTrackedRepository

MOST = 200  # groups of a sample, the largest; whoever has more has one trouble
LONGEST = 500  # characters of an error that are kept
Rows = WorkspaceTrackedRepository.objects


class Found(NamedTuple):
    """The failed rows with errors of one fingerprint, counted on the platform."""

    fingerprint: str
    pattern: str
    text: str  # one of the errors, cut
    tiers: dict[str, int]  # tier -> rows


@dataclass(frozen=True)
class ErrorCount:
    """A group of errors as one sample counted it."""

    fingerprint: str
    pattern: str
    sample_text: str  # one error as it was stored, cut; untrusted
    first_seen: datetime  # in a sample
    last_seen: datetime
    count: int  # failed rows
    tiers: dict[str, int]  # tier -> failed rows


def found() -> list[Found]:
    """The largest groups of the platform's failed rows; the texts are those of one row."""
    kinds = _counted()
    example = Rows.filter(pk__in=[kind["example"] for kind in kinds])
    texts = {
        str(key): (its_pattern, text)
        for key, its_pattern, text in example.values_list(
            "pk", pattern(), Left("last_sync_error", LONGEST)
        )
    }
    return [
        Found(kind["fingerprint"], *texts[kind["example"]], json.loads(kind["tiers"]))
        for kind in kinds
    ]


def _counted() -> list[dict[str, Any]]:
    """Fingerprint, tiers and the key of one row of each group.

    Each row's pattern is worked out once: that takes longer than the rest of a sample.
    """
    failed = Rows.failed().exclude(last_sync_error=None)
    each = (
        failed.annotate(fingerprint=fingerprint(), tier=F("workspace__tier"))
        .values("fingerprint", "tier")
        .annotate(rows=Count("pk"), example=Min(Cast("pk", TextField())))
        .order_by()
    )
    statement, params = each.query.get_compiler(READ).as_sql()
    return fetch(
        f"""
        WITH kind AS ({statement})
        SELECT fingerprint, min(example) AS example,
               json_object_agg(tier, rows)::text AS tiers
        FROM kind GROUP BY fingerprint ORDER BY sum(rows) DESC, fingerprint LIMIT {MOST}
        """,  # noqa: S608  the ORM's own text
        params,
    )


def remember(kinds: Iterable[Found], at: datetime) -> None:
    """Note that a sample of this moment met these kinds."""
    groups = [
        ErrorGroup(
            fingerprint=kind.fingerprint,
            pattern=kind.pattern,
            sample=kind.text,
            first_seen=at,
            last_seen=at,
        )
        for kind in kinds
    ]
    ErrorGroup.objects.bulk_create(
        groups,
        update_conflicts=True,
        unique_fields=["fingerprint"],
        update_fields=["last_seen"],
    )


def groups(sample: Sample) -> list[ErrorCount]:
    """The kinds of errors that the sample counted, the heaviest first; one query."""
    known = ErrorGroup.objects.in_bulk(list(sample.errors))
    counts = [
        ErrorCount(
            fingerprint=name,
            pattern=known[name].pattern,
            sample_text=known[name].sample,
            first_seen=known[name].first_seen,
            last_seen=known[name].last_seen,
            count=sum(tiers.values()),
            tiers=tiers,
        )
        for name, tiers in sample.errors.items()
        if name in known
    ]
    return sorted(counts, key=lambda group: (-group.count, group.fingerprint))


def trend_of(
    samples: Iterable[Sample], fingerprint: str, **options: Any
) -> list[float | None]:
    """How many failed rows had this error over time; `options` as of `trend`."""
    return trend(samples, lambda sample: sample.error_count(fingerprint), **options)
