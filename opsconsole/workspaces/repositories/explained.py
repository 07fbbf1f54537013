"""A row's word and flags in full: what they mean, what they mean here, and what helps."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from opsconsole.operations.asking.suggest import Suggestion
from opsconsole.platform import diagnosis, flags
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.repositories.rows import Row
from opsconsole.workspaces.repositories.why import sentence


class Explained(NamedTuple):
    """One word, and the operation that helps, for a person who may run it."""

    word: str
    sentence: str
    advice: str
    here: str  # of this row alone, without a full stop; empty for a flag
    suggestion: Suggestion | None
    url: str  # of its plan, for this row


def explained(row: Row, actions: Actions, now: datetime) -> Iterator[Explained]:
    """The diagnosis, then the flags. Of a row as `one_repository.read` has it."""
    word, here = diagnosis.BY_WORD[row.word], sentence(row, now)
    own = "" if here == word.sentence else here
    yield _one(row, word, own, actions.for_word(word.word))
    for name in row.flags:
        yield _one(row, flags.BY_WORD[name], "", actions.for_flag(name))


def _one(
    row: Row,
    meant: diagnosis.Diagnosis | flags.Flag,
    here: str,
    suggestion: Suggestion | None,
) -> Explained:
    url = suggestion.url(repositories=[row.pk]) if suggestion else ""
    return Explained(meant.word, meant.sentence, meant.advice, here, suggestion, url)
