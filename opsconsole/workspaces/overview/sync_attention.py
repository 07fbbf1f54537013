"""What the newest sample says of the syncs, for the front page's list."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.text import Truncator

from opsconsole.history.errors import ErrorCount
from opsconsole.history.models import Sample
from opsconsole.operations.planning.guards import share
from opsconsole.platform.diagnosis import BY_WORD
from opsconsole.platform.selection import RowSelection
from opsconsole.workspaces import addresses
from opsconsole.workspaces.health import capacity
from opsconsole.workspaces.health.error_lines import whose
from opsconsole.workspaces.overview.attention import Attention, said
from opsconsole.workspaces.overview.numbers import failing

MANY = 10  # repositories; below that it is theirs, from there on it is ours
SOME_OVERDUE, MANY_OVERDUE = 0.05, 0.2  # of all tracked repositories
GROUPS = 3  # of errors, named one by one
PATTERN_SHOWN = 72  # characters
LOOK = "Look at them"
IS = ("No repository is", "repository is", "repositories are")


class Concern(NamedTuple):
    """A diagnosis that somebody should look at as soon as one repository has it."""

    word: str
    begins: tuple[str, str, str]  # of the sentence, for none, one, several
    ends: str
    grave: bool  # from MANY on it is critical


CONCERNS = (
    Concern(
        "failing repeatedly",
        ("No repository fails", "repository fails", "repositories fail"),
        "repeatedly.",
        grave=True,
    ),
    Concern("never scheduled", IS, "without a next sync.", grave=False),
    Concern("inactive but syncing", IS, "switched off and synced still.", grave=False),
    Concern("refused", IS, "refused by GitHub.", grave=False),
)


def of_sample(sample: Sample, groups: Sequence[ErrorCount]) -> Iterator[Attention]:
    """The lines of a sample; `groups` are its errors, the heaviest first."""
    yield standstill(sample)
    yield from of_errors(groups, failing(sample))
    for concern in CONCERNS:
        yield _of_concern(concern, sample.word_count(concern.word))
    yield overdue(sample)
    yield schedule(sample)
    yield unlinked(sample.unlinked)


def schedule(sample: Sample) -> Attention:
    """Whether the schedule can do what the intervals ask for."""
    found, health = capacity.of_sample(sample), reverse("workspaces:sync_health")
    if found.is_enough:
        return Attention(
            "ok", "The schedule can do what the intervals ask for.", health, ""
        )
    return Attention(
        "warning",
        "The intervals ask for more syncs than the schedule can do.",
        health,
        "See the capacity",
        f"{found.demand} {found.sentence}",
    )


def standstill(sample: Sample) -> Attention:
    """Whether anything syncs at all."""
    total, paused = sample.total, sample.word_count("paused")
    health = reverse("workspaces:sync_health")
    if not total:
        return Attention("ok", "No repository is tracked, so none is late.", health, "")
    if paused == total:
        return Attention(
            "critical",
            "Nothing syncs: every tracked repository is paused.",
            *_way_out(),
            "fetch_issues is off everywhere: a stop is in force, and nobody's issues"
            " are fetched until it is lifted.",
        )
    if not sample.synced_lately:
        return Attention(
            "critical",
            "No repository was synced in the last 24 h.",
            health,
            "See the health",
            "The schedule, the sync function or GitHub's token has stopped working.",
        )
    return Attention("ok", "Repositories are being synced.", health, "")


def _way_out() -> tuple[str, str]:
    """Where a stop is lifted, by name: that room stands beside this one."""
    try:
        return reverse("emergency:panel"), "Panel and resume"
    except NoReverseMatch:
        return addresses.rows(RowSelection(word="paused")), LOOK


def of_errors(groups: Sequence[ErrorCount], failed: int) -> Iterator[Attention]:
    """The largest groups of failures by name, the others together.

    `failed` rows are told of where no group is known: they may have no error text.
    """
    if not groups:
        start = said(failed, "No repository", "repository", "repositories")
        yield Attention(
            _level(failed > 0, many=failed >= MANY),
            f"{start} failed at {'their' if failed > 1 else 'its'} last sync.",
            addresses.rows(RowSelection(word="failed")),
            LOOK,
        )
    for group in groups[:GROUPS]:
        start = said(group.count, "", "repository fails", "repositories fail")
        pattern = Truncator(group.pattern).chars(PATTERN_SHOWN)
        yield Attention(
            _level(True, many=group.count >= MANY),
            f"{start} with “{pattern}”.",
            addresses.error(group.fingerprint),
            "Open the group",
            whose(group.tiers),
        )
    if others := groups[GROUPS:]:
        rows = sum(group.count for group in others)
        start = said(rows, "", "repository fails", "repositories fail")
        kinds = "one other error" if len(others) == 1 else f"{len(others)} other errors"
        yield Attention(
            _level(True, many=rows >= MANY),
            f"{start} with {kinds}.",
            addresses.errors(),
            "See all errors",
        )


def overdue(sample: Sample) -> Attention:
    """How much of everything the schedule should have taken and has not."""
    counts = {word: sample.word_count(word) for word in ("overdue", "starved")}
    late, total = sum(counts.values()), sample.total
    part = late / total if total else 0
    start = said(late, *IS)
    all_of_them = f", {share(late, total)} of all" if late else ""
    return Attention(
        _level(part > SOME_OVERDUE, many=part > MANY_OVERDUE),
        f"{start} overdue or starved{all_of_them}.",
        addresses.rows(RowSelection(word=max(counts, key=counts.__getitem__))),
        LOOK,
        "A schedule should have taken them: quiet, refused by GitHub, or behind others.",
    )


def unlinked(count: int | None) -> Attention:
    """Repositories that people see in their workspace and that no row syncs."""
    page = reverse("workspaces:unsynced")
    if count is None:
        text = "How many repositories nothing syncs is unknown."
        return Attention("unknown", text, page, "See the lists", "Not counted in time.")
    none = "No repository of a workspace is"
    one, several = "repository of a workspace is", "repositories of workspaces are"
    return Attention(
        _level(count > 0),
        f"{said(count, none, one, several)} tracked but linked to no sync.",
        page,
        LOOK,
        "The platform tracks them, but not for that workspace: nothing ever syncs them.",
    )


def _of_concern(concern: Concern, count: int) -> Attention:
    diagnosis = BY_WORD[concern.word]
    return Attention(
        _level(count > 0, many=concern.grave and count >= MANY),
        f"{said(count, *concern.begins)} {concern.ends}",
        addresses.rows(RowSelection(word=concern.word)),
        LOOK,
        f"{diagnosis.sentence} {diagnosis.advice}",
    )


def _level(some: bool, *, many: bool = False) -> str:
    return "critical" if many else "warning" if some else "ok"
