"""Groups of errors as pages show them: how many, whose, since when, and what can be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from opsconsole.history.errors import ErrorCount
from opsconsole.history.models import ErrorGroup
from opsconsole.platform.selection import RowSelection
from opsconsole.web.formats import number
from opsconsole.workspaces import addresses
from opsconsole.workspaces.past import Past

RESET = "reset-failed-sync"
GONE_SHOWN = 50  # groups that nobody has any more, the latest ones


@dataclass(frozen=True)
class ErrorLine:
    """A group in the newest sample."""

    fingerprint: str
    pattern: str
    sample: str  # one error as it was stored, cut; untrusted
    rows: int  # of the tier that was asked for
    whose: str
    first_seen: datetime
    last_seen: datetime
    line: SafeString

    @property
    def url(self) -> str:
        return addresses.error(self.fingerprint)

    @property
    def list_url(self) -> str:
        """Its repositories among all tracked ones."""
        return addresses.rows(RowSelection(error=self.fingerprint))


def lines(groups: Iterable[ErrorCount], past: Past, tier: str = "") -> list[ErrorLine]:
    """The groups that a tier has, or all of them; the heaviest first."""
    found = [_line(group, past, tier) for group in groups]
    return sorted(
        (line for line in found if line.rows),
        key=lambda line: (-line.rows, line.fingerprint),
    )


def gone(groups: Iterable[ErrorCount]) -> list[ErrorGroup]:
    """Groups that are known and in none of these."""
    known = ErrorGroup.objects.exclude(pk__in=[group.fingerprint for group in groups])
    return list(known.order_by("-last_seen", "pk")[:GONE_SHOWN])


def whose(tiers: Mapping[str, int]) -> str:
    """`31 free, 7 pro`: the tier with most rows first."""
    found = sorted(tiers.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{number(rows)} {tier}" for tier, rows in found)


def _line(group: ErrorCount, past: Past, tier: str) -> ErrorLine:
    return ErrorLine(
        group.fingerprint,
        group.pattern,
        group.sample_text,
        group.tiers.get(tier, 0) if tier else group.count,
        whose(group.tiers),
        group.first_seen,
        group.last_seen,
        past.line(lambda sample: sample.error_count(group.fingerprint)),
    )
