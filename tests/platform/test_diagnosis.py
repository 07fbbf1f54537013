"""Every word and flag: a row on each side of each border, who wins, and NULLs."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.platform.diagnosis import DIAGNOSES, WORDS, Circumstances
from opsconsole.platform.models import WorkspaceTrackedRepository
from tests import factories

pytestmark = pytest.mark.platform
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LATE = NOW - timedelta(hours=7)  # the schedule's six hours and an hour of grace
Rows = WorkspaceTrackedRepository.objects

OK = {
    "fetch_issues": True,
    "is_active": True,
    "last_sync_status": "success",
    "last_sync_at": NOW - timedelta(hours=3),
    "next_sync_at": NOW + timedelta(hours=3),
    "sync_attempts": 0,
}
FAILED = {"last_sync_status": "failed", "sync_attempts": 1}
BORDERS = [
    ("ok", {}),
    ("paused", {"fetch_issues": False}),
    ("paused", {"fetch_issues": None}),  # the function takes `fetch_issues = true`
    ("inactive but syncing", {"is_active": False}),
    ("ok", {"is_active": None}),
    ("failing repeatedly", FAILED | {"sync_attempts": 4}),
    ("failed", FAILED | {"sync_attempts": 3}),
    ("failed", FAILED | {"sync_attempts": 0}),
    ("failed", FAILED | {"sync_attempts": None}),
    ("ok", {"last_sync_status": "partial"}),
    ("ok", {"last_sync_status": None}),
    ("never scheduled", {"next_sync_at": None}),
    ("never scheduled", {"next_sync_at": None, "last_sync_at": None}),
    ("overdue", {"next_sync_at": LATE - TICK}),
    ("due", {"next_sync_at": LATE}),
    ("overdue", {"next_sync_at": LATE - TICK, "last_sync_at": None}),
    ("never synced", {"next_sync_at": LATE, "last_sync_at": None}),
    ("never synced", {"next_sync_at": NOW + TICK, "last_sync_at": None}),
    ("due", {"next_sync_at": NOW}),
    ("ok", {"next_sync_at": NOW + TICK}),
]


@pytest.fixture
def diagnosed(platform_sql):
    """The word and flags of a row that is well but for these values."""

    def look(known=None, *, name="", workspace=None, **values):
        key = factories.tracked(platform_sql, workspace, name=name, **(OK | values))
        known = known or Circumstances(NOW, first_in_line=(key,))
        row = Rows.diagnosed(known).get(pk=key)
        assert Rows.with_word(row.word, known).filter(pk=key).exists()
        return row

    return look


@pytest.mark.parametrize(("word", "values"), BORDERS)
def test_borders(diagnosed, word, values):
    assert diagnosed(**values).word == word


def test_issues_disabled(diagnosed, platform_sql):
    for value, word in ((False, "issues disabled"), (None, "ok"), (True, "ok")):
        row = diagnosed()
        platform_sql(
            "UPDATE repositories SET has_issues = %s WHERE id = (SELECT repository_id"
            " FROM tracked_repositories WHERE id = %s)",
            value,
            row.tracked_repository_id,
        )
        assert Rows.diagnosed(Circumstances(NOW)).get(pk=row.pk).word == word


@pytest.mark.parametrize(
    ("last_sync_at", "word"),
    [
        (NOW - timedelta(hours=1) - TICK, "refused"),
        (NOW - timedelta(hours=1), "ok"),
        (NOW - timedelta(hours=1) + TICK, "ok"),
        (None, "refused"),
    ],
)
def test_refused_when_the_response_is_newer_than_the_last_sync(
    diagnosed, last_sync_at, word
):
    known = Circumstances(NOW, refusals={"acme/gone": NOW - timedelta(hours=1)})

    row = diagnosed(known, name="acme/gone", last_sync_at=last_sync_at)

    assert row.word == word
    assert diagnosed(known, name="acme/other", last_sync_at=last_sync_at).word in (
        "ok",
        "never synced",
    )


def test_starved_is_overdue_and_not_first_in_line(diagnosed):
    nobody = Circumstances(NOW)

    assert diagnosed(nobody, next_sync_at=LATE - TICK).word == "starved"
    assert diagnosed(nobody, next_sync_at=LATE).word == "due"
    assert diagnosed(next_sync_at=LATE - TICK).word == "overdue"


def test_line_is_by_priority_then_by_time_due(platform_sql):
    def due(priority, hours, **values):
        moment = NOW - timedelta(hours=hours)
        return factories.tracked(
            platform_sql, priority_score=priority, next_sync_at=moment, **values
        )

    low, early, late, unset = due(1, 9), due(50, 3), due(50, 2), due(None, 1)
    due(100, -1)
    due(100, 5, fetch_issues=False)

    line = list(Rows.in_line(NOW).values_list("pk", flat=True))

    assert line == [unset, early, late, low]


EACH = {
    "paused": {"fetch_issues": False},
    "inactive but syncing": {"is_active": False},
    "failing repeatedly": FAILED | {"sync_attempts": 9},
    "failed": FAILED,
    "refused": {"name": "acme/gone"},
    "never scheduled": {"next_sync_at": None},
    "starved": {"next_sync_at": LATE - TICK},
    "never synced": {"last_sync_at": None},
    "due": {"next_sync_at": NOW},
}


@pytest.mark.parametrize("first", EACH)
@pytest.mark.parametrize("second", EACH)
def test_the_earlier_word_wins(diagnosed, first, second):
    """Whatever fits both is called by the one that stands above in the table."""
    both = EACH[second] | EACH[first]
    for name in ("last_sync_at", "next_sync_at"):
        values = [EACH[word].get(name, 0) for word in (first, second)]
        if 0 not in values and values[0] != values[1]:
            pytest.skip("the two exclude each other")
    if {first, second} == {"failed", "failing repeatedly"}:
        both |= EACH["failing repeatedly"]
    known = Circumstances(NOW, refusals={"acme/gone": NOW})

    assert diagnosed(known, **both).word == min(first, second, key=WORDS.index)


FLAGS = [
    ("stale error", {"last_sync_error": "boom"}, True),
    ("stale error", {"sync_attempts": 1}, True),
    ("stale error", {"last_sync_error": "", "sync_attempts": None}, False),
    ("stale error", {"last_sync_error": "boom", **FAILED}, False),
    ("stale error", {"last_sync_error": "boom", "last_sync_status": None}, False),
    ("coverage gap", {"last_sync_at": NOW - timedelta(hours=24) - TICK}, True),
    ("coverage gap", {"last_sync_at": NOW - timedelta(hours=24)}, False),
    ("coverage gap", {"last_sync_at": None}, False),
    ("interval below the schedule", {"sync_frequency_hours": 5}, True),
    ("interval below the schedule", {"sync_frequency_hours": 6}, False),
    ("interval below the schedule", {"sync_frequency_hours": None}, False),
]


@pytest.mark.parametrize(("flag", "values", "expected"), FLAGS)
def test_flags(diagnosed, flag, values, expected):
    row = diagnosed(**values)

    assert (flag in row.flags) == expected
    listed = Rows.with_flag(flag, Circumstances(NOW)).filter(pk=row.pk)
    assert listed.exists() == expected


@pytest.mark.parametrize(
    ("is_active", "expected"), [(True, True), (False, False), (None, False)]
)
def test_duplicate_in_another_workspace(diagnosed, platform_sql, is_active, expected):
    row = diagnosed()
    other = factories.workspace(platform_sql)
    platform_sql(
        "INSERT INTO workspace_tracked_repositories"
        " (workspace_id, tracked_repository_id, added_by, is_active)"
        " VALUES (%s, %s, gen_random_uuid(), %s)",
        other,
        row.tracked_repository_id,
        is_active,
    )
    known = Circumstances(NOW)

    assert ("duplicate" in Rows.diagnosed(known).get(pk=row.pk).flags) == expected
    assert "duplicate" not in diagnosed().flags


def test_several_flags_at_once(diagnosed):
    row = diagnosed(
        sync_frequency_hours=1,
        sync_attempts=2,
        last_sync_at=NOW - timedelta(days=3),
    )

    assert row.flags == ["stale error", "coverage gap", "interval below the schedule"]


def test_every_row_has_exactly_one_word(platform_sql):
    known = Circumstances(NOW, refusals={"acme/gone": NOW})
    for values in EACH.values():
        factories.tracked(platform_sql, **(OK | values))

    counted = sum(Rows.with_word(word, known).count() for word in WORDS)

    assert counted == Rows.count() == len(EACH)


def test_both_phrasings_agree(platform_sql):
    for values in EACH.values():
        factories.tracked(platform_sql, **(OK | values))
    disabled = factories.tracked(platform_sql, name="acme/closed", **OK)
    platform_sql("UPDATE repositories SET has_issues = false WHERE name = 'closed'")
    known = Circumstances(NOW, refusals={"acme/gone": NOW})

    many = dict(Rows.diagnosed(known).values_list("pk", "word"))

    assert many == dict(Rows.diagnosed(known.for_few()).values_list("pk", "word"))
    assert many[disabled] == "issues disabled"
    assert set(many.values()) == {*EACH, "issues disabled"}


@pytest.mark.parametrize("diagnosis", DIAGNOSES, ids=WORDS)
def test_every_word_says_what_it_means(diagnosis):
    assert diagnosis.sentence.endswith(".")
    assert not diagnosis.advice or diagnosis.advice.endswith(".")
