"""How many repositories have each diagnosis and each flag, for the tables that say so."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from opsconsole.history.models import Sample
from opsconsole.operations.planning.guards import share
from opsconsole.platform.diagnosis import DIAGNOSES, Diagnosis
from opsconsole.platform.flags import FLAGS, Flag
from opsconsole.platform.selection import RowSelection
from opsconsole.workspaces import addresses
from opsconsole.workspaces.past import Measure, Past, difference


@dataclass(frozen=True)
class Figure:
    """A word, its rows in the sample, and where they are listed."""

    word: str
    meaning: str
    rows: int
    share: str  # of all tracked repositories
    url: str
    past: Past
    count: Measure

    @property
    def line(self) -> SafeString:
        """Its last 24 hours; drawn where it is shown."""
        return self.past.line(self.count)

    @property
    def change(self) -> str:
        return difference(self.past.change(self.count, self.rows))


def of_words(sample: Sample, past: Past) -> list[Figure]:
    """Each diagnosis, trouble first, those that nobody has as well."""
    return [
        _figure(
            sample, past, found, RowSelection(word=found.word), _having_word(found.word)
        )
        for found in DIAGNOSES
    ]


def of_flags(sample: Sample, past: Past) -> list[Figure]:
    """Each flag; a repository may have several."""
    return [
        _figure(
            sample, past, flag, RowSelection(flag=flag.word), _having_flag(flag.word)
        )
        for flag in FLAGS
    ]


def _having_word(word: str) -> Measure:
    return lambda sample: sample.word_count(word)


def _having_flag(flag: str) -> Measure:
    return lambda sample: sample.flag_count(flag)


def _figure(
    sample: Sample,
    past: Past,
    found: Diagnosis | Flag,
    selection: RowSelection,
    count: Measure,
) -> Figure:
    rows = int(count(sample) or 0)
    return Figure(
        found.word,
        f"{found.sentence} {found.advice}".strip(),
        rows,
        share(rows, sample.total) if rows else "",
        addresses.rows(selection),
        past,
        count,
    )
