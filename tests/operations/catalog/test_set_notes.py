"""Set notes: written, replaced with a warning, cleared on purpose alone, brought back."""

import pytest

from opsconsole.operations.catalog.set_notes import LONGEST, SetNotes
from opsconsole.operations.states import State
from tests import factories

pytestmark = pytest.mark.platform
WTR = "workspace_tracked_repositories"
NOTES = f"SELECT id, notes FROM {WTR}"
AWKWARD = 'see ticket 7: {"a": "b\\c"} \'%s\' — ü, NULL'


@pytest.fixture
def note(plan):
    return lambda text: plan("set-notes", matching="q=", notes=text, clear=not text)


def test_writes_and_brings_back(platform_sql, note, applied, undone):
    held = ["old", None, "", AWKWARD]
    before = {factories.tracked(platform_sql, notes=text): text for text in held}

    run = applied(note(AWKWARD))

    assert run.state == State.APPLIED, run.error
    assert (run.rows_written, set(dict(platform_sql(NOTES)).values())) == (3, {AWKWARD})
    assert undone(run).state == State.APPLIED
    assert dict(platform_sql(NOTES)) == before


def test_clears(platform_sql, note, applied):
    factories.tracked(platform_sql, notes="old")

    run = applied(note(""))

    assert (run.state, run.subject) == (
        State.APPLIED,
        "no note for the 1 repository",
    )
    assert {text for _, text in platform_sql(NOTES)} == {None}


def test_says_what_is_replaced(platform_sql, note, verdicts_of):
    for text in ("old", "new", None):
        factories.tracked(platform_sql, notes=text)

    assert verdicts_of(note("new"))["Notes replaced"] == (
        "warning",
        "1 row has another note, which is replaced.",
    )


@pytest.mark.parametrize(
    ("given", "valid"),
    [
        ({"notes": "new"}, True),
        ({"clear": "on"}, True),
        ({}, False),  # nobody clears a note by leaving a field out
        ({"notes": "new", "clear": "on"}, False),
        ({"notes": "x" * LONGEST}, True),
        ({"notes": "x" * (LONGEST + 1)}, False),
        ({"notes": "a\x00b"}, False),
    ],
)
def test_wants_a_note_or_that_it_is_cleared(platform_sql, given, valid):
    form = SetNotes.Form({"repositories": [factories.tracked(platform_sql)], **given})

    assert form.is_valid() == valid
    assert valid or [*form.errors] == ["notes"]
