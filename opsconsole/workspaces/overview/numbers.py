"""The numbers of the front page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from opsconsole.history.models import Sample
from opsconsole.operations.planning.guards import share
from opsconsole.platform.rules import slots, slots_per_day
from opsconsole.web.formats import number
from opsconsole.workspaces import addresses
from opsconsole.workspaces.overview import tiers
from opsconsole.workspaces.past import Measure, Past, difference

UP_IS_GOOD, UP_IS_BAD = 1, -1


@dataclass(frozen=True)
class Number:
    """A key figure, as components/kpi.html takes it."""

    label: str
    value: int
    note: str
    url: str
    delta: str
    trend: str  # ok, warning, or empty where neither is good nor bad
    spark: SafeString


def numbers(sample: Sample, past: Past) -> list[Number]:
    """What the sample holds, with its last 24 hours."""
    health = reverse("workspaces:sync_health")
    return [
        _number(
            "Workspaces",
            lambda of: sum(of.workspaces.values()),
            by_tier(sample),
            reverse("workspaces:list"),
            sample=sample,
            past=past,
        ),
        _number(
            "Tracked repositories",
            lambda of: of.total,
            "kept in step by workspaces",
            health,
            sample=sample,
            past=past,
        ),
        _number(
            "Synced in the last 24 h",
            lambda of: of.synced_lately,
            synced_share(sample),
            health,
            sample=sample,
            past=past,
            good=UP_IS_GOOD,
        ),
        _number(
            "Failing",
            failing,
            f"{number(sample.word_count('failing repeatedly'))} of them repeatedly",
            addresses.errors(),
            sample=sample,
            past=past,
            good=UP_IS_BAD,
        ),
        _number(
            "In line for a run",
            lambda of: of.due,
            f"{number(slots())} places a run, {number(slots_per_day())} a day",
            f"{health}#capacity",
            sample=sample,
            past=past,
            good=UP_IS_BAD,
        ),
    ]


def failing(sample: Sample) -> int:
    """Failed at the last sync, whether repeatedly or not."""
    return sample.word_count("failed", "failing repeatedly")


def by_tier(sample: Sample) -> str:
    """`231 free, 58 pro, 11 team`; tiers without a workspace are named as well."""
    found = (
        f"{number(sample.workspaces.get(tier, 0))} {tier}"
        for tier in tiers.known(sample)
    )
    return ", ".join(found)


def synced_share(sample: Sample) -> str:
    if not sample.total:
        return "nothing is tracked"
    return f"successfully, {share(sample.synced_lately, sample.total)} of all"


def _number(
    label: str,
    measure: Measure,
    note: str,
    url: str,
    *,
    sample: Sample,
    past: Past,
    good: int = 0,
) -> Number:
    value = int(measure(sample) or 0)
    change = past.change(measure, value)
    better = good * (change or 0)
    return Number(
        label,
        value,
        note,
        url,
        difference(change),
        "ok" if better > 0 else "warning" if better < 0 else "",
        past.line(measure),
    )
