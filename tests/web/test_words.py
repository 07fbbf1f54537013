"""Every word of the console has a look, and looks are told apart without colour."""

import lucide
import pytest

from opsconsole.web import words

RUN_STATES = [
    "planning",
    "planned",
    "awaiting approval",
    "queued",
    "applying",
    "paused",
    "waiting",
    "verifying",
    "applied",
    "applied with problems",
    "failed",
    "cancelled",
    "rejected",
    "expired",
    "undone",
]
DIAGNOSES = [
    "paused",
    "inactive but syncing",
    "issues disabled",
    "failing repeatedly",
    "failed",
    "refused",
    "never scheduled",
    "starved",
    "overdue",
    "never synced",
    "due",
    "ok",
]


@pytest.mark.parametrize("state", RUN_STATES)
def test_knows_every_state_of_a_run(state):
    assert state in words.RUN_STATES


@pytest.mark.parametrize("word", DIAGNOSES)
def test_knows_every_diagnosis(word):
    assert word in words.DIAGNOSES


@pytest.mark.parametrize(
    "word", ["free", "pro", "team", "success", "never", "warning", "dangerous"]
)
def test_knows_tiers_syncs_findings_and_risks(word):
    assert words.look(word) is not words.UNKNOWN


def test_every_icon_exists():
    icons = {word.icon for word in words.WORDS.values()} | {*words.LEVEL_ICONS.values()}

    for icon in icons:
        assert lucide._load_icon(icon)


@pytest.mark.parametrize(
    "vocabulary", [words.RUN_STATES, words.DIAGNOSES, words.FINDINGS, words.RISKS]
)
def test_no_two_words_of_a_vocabulary_share_colour_and_shape(vocabulary):
    looks = {(word.level, word.icon) for word in vocabulary.values()}

    assert len(looks) == len(vocabulary)


def test_every_level_has_a_shape_of_its_own():
    assert len(set(words.LEVEL_ICONS.values())) == len(words.LEVEL_ICONS)


def test_an_unheard_of_word_is_shown_neutrally():
    assert words.look("quantum").level == "neutral"


def test_a_vocabulary_goes_before_the_common_one():
    assert words.look("paused").level == "warning"
    assert words.look("paused", words.DIAGNOSES).level == "neutral"


def test_a_stored_value_is_read_as_its_word():
    assert (
        words.look("APPLIED_WITH_PROBLEMS") is words.RUN_STATES["applied with problems"]
    )
    assert words.label("applied_with_problems") == "Applied with problems"
    assert words.label("ok") == "OK"


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("success", "ok"),
        ("error", "critical"),
        ("danger", "critical"),
        ("?", "neutral"),
    ],
)
def test_levels_of_django_messages_are_ours(name, level):
    assert words.level_of(name) == level


def test_what_is_unknown_does_not_look_as_if_it_were_well():
    assert words.icon_of("unknown") != words.icon_of("ok")
    assert words.level_of("unknown") == "neutral"
