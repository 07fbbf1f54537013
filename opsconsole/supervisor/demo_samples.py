"""Samples of a made-up past, walked back from the one that was really taken."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from opsconsole.history.models import Sample
from opsconsole.sandbox.generator.world import SCHEDULE, Dice

DAY = timedelta(days=1)
OFTEN, SELDOM = timedelta(minutes=5), timedelta(minutes=30)  # the last day, and before
GAP = (5.6 * DAY, 5 * DAY)  # ago, from and until: nothing was collected
INCIDENT, LASTED = 2 * DAY, timedelta(hours=6)  # its height, ago; to each side
HEIGHT = 3.0  # times as many failures
GROWTH = 0.002  # a day, of all there is
FAILING = ("failed", "failing repeatedly")
WAITING = ("due", "starved")
Counts = dict[str, int]  # word -> rows


def before(today: Sample, days: int, since: Mapping[str, datetime]) -> Iterator[Sample]:
    """Samples of so many days, the newest first; the same for the same sample.

    `since` says when each error was first seen, by its fingerprint.
    """
    walk = Walk()
    for at in _moments(today.at, days):
        sample = _sample(today, at, walk)
        sample.errors = {
            error: tiers for error, tiers in sample.errors.items() if since[error] <= at
        }
        yield sample


class Walk:
    """Factors that begin at 1, stray a little and come back."""

    def __init__(self) -> None:
        self._dice = Dice("samples")
        self._strayed: dict[str, float] = defaultdict(float)

    def __call__(self, name: str) -> float:
        """The next step of the factor of this name."""
        self._strayed[name] = 0.97 * self._strayed[name] + self._dice.gauss(0, 0.012)
        return 1 + self._strayed[name]


def _moments(now: datetime, days: int) -> Iterator[datetime]:
    at = now - OFTEN
    while at > now - days * DAY:
        if not GAP[1] <= now - at <= GAP[0]:
            yield at
        at -= OFTEN if now - at < DAY else SELDOM


def _sample(today: Sample, at: datetime, walk: Walk) -> Sample:
    grown = 1 - GROWTH * ((today.at - at) / DAY)
    past = Sample(at=at, took=today.took * abs(walk("took")), outcomes_until=at)
    past.words = {
        tier: _words(counts, tier, at, today.at, walk)
        for tier, counts in today.words.items()
    }
    past.flags = {
        tier: {flag: round(rows * walk(tier + flag)) for flag, rows in counts.items()}
        for tier, counts in today.flags.items()
    }
    failing = {tier: _share(past, today, FAILING, tier) for tier in today.words}
    past.errors = {
        error: {tier: round(rows * failing[tier]) for tier, rows in tiers.items()}
        for error, tiers in today.errors.items()
    }
    past.workspaces = {tier: round(n * grown) for tier, n in today.workspaces.items()}
    past.calls = {tier: round(n * grown, 1) for tier, n in today.calls.items()}
    past.unlinked, past.untracked = today.unlinked, today.untracked
    past.due = round(today.due * _share(past, today, WAITING))
    past.synced_lately = round(today.synced_lately * grown * min(1.02, walk("synced")))
    past.runbook = _runbook(today, past, walk)
    return past


def _words(
    counts: Counts, tier: str, at: datetime, now: datetime, walk: Walk
) -> Counts:
    """As many rows as today; what is not in trouble or waiting is ok."""
    shapes = dict.fromkeys(FAILING, _incident(now - at))
    shapes |= dict.fromkeys(WAITING, _tide(at) / _tide(now))
    past = {
        word: round(rows * shapes.get(word, 1) * walk(tier + word))
        for word, rows in counts.items()
        if word != "ok"
    }
    return past | {"ok": max(0, sum(counts.values()) - sum(past.values()))}


def _incident(ago: timedelta) -> float:
    """1, and up to HEIGHT around the incident."""
    return 1 + (HEIGHT - 1) * max(0.0, 1 - abs(ago - INCIDENT) / LASTED)


def _tide(at: datetime) -> float:
    """From one schedule to the next more becomes due, and more by day than by night."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (at - midnight) % SCHEDULE / SCHEDULE
    by_day = 0.1 * (1 - abs((at - midnight) / DAY - 0.6))
    return 0.6 + 0.6 * since + by_day


def _share(
    past: Sample, today: Sample, words: tuple[str, ...], tier: str = ""
) -> float:
    return past.word_count(*words, tier=tier) / max(
        1, today.word_count(*words, tier=tier)
    )


def _runbook(today: Sample, past: Sample, walk: Walk) -> dict[str, int | None]:
    failed = round(today.runbook["failed"] * _share(past, today, FAILING))
    more = failed - today.runbook["failed"]
    hours = today.runbook["avg_hours_since_sync"]
    return {
        **today.runbook,
        "failed": failed,
        "successful": max(0, today.runbook["successful"] - more),
        "avg_hours_since_sync": hours and round(hours * walk("hours")),
    }
