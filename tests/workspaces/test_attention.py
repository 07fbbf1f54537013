"""What counts as trouble, both sides of each border; no database is asked."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.history.collecting import Collecting
from opsconsole.history.errors import ErrorCount
from opsconsole.history.models import Sample
from opsconsole.workspaces.overview import attention, sync_attention
from opsconsole.workspaces.overview.attention import Attention

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def sample(*, tier="free", **values):
    """A sample with these words of one tier."""
    fields = {
        name: values.pop(name)
        for name in ("synced_lately", "unlinked")
        if name in values
    }
    words = {word.replace("_", " "): rows for word, rows in values.items()}
    return Sample(at=NOW, words={tier: words}, **({"synced_lately": 1} | fields))


def group(count, pattern="timed out", **tiers):
    tiers = tiers or {"free": count}
    return ErrorCount("0123456789ab", pattern, pattern, NOW, NOW, count, tiers)


class TestStandstill:
    @pytest.mark.parametrize(
        ("taken", "level", "text"),
        [
            (sample(), "ok", "No repository is tracked, so none is late."),
            (sample(ok=1), "ok", "Repositories are being synced."),
            (
                sample(paused=3),
                "critical",
                "Nothing syncs: every tracked repository is paused.",
            ),
            (sample(paused=3, ok=1), "ok", "Repositories are being synced."),
            (
                sample(paused=3, ok=1, synced_lately=0),
                "critical",
                "No repository was synced in the last 24 h.",
            ),
        ],
    )
    def test_is_named(self, taken, level, text):
        found = sync_attention.standstill(taken)

        assert (found.level, found.text) == (level, text)

    def test_a_stop_leads_to_where_it_is_lifted(self):
        found = sync_attention.standstill(sample(paused=3))

        assert (found.url, found.link) == ("/emergency/", "Panel and resume")


class TestOverdue:
    @pytest.mark.parametrize(
        ("overdue", "starved", "level"),
        [
            (0, 0, "ok"),
            (5, 0, "ok"),
            (5, 1, "warning"),
            (0, 20, "warning"),
            (1, 20, "critical"),
        ],
    )
    def test_is_weighed_by_its_share(self, overdue, starved, level):
        taken = sample(overdue=overdue, starved=starved, ok=100 - overdue - starved)

        assert sync_attention.overdue(taken).level == level

    def test_says_how_many(self):
        found = sync_attention.overdue(sample(overdue=1, starved=2, ok=97))

        assert found.text == "3 repositories are overdue or starved, 3 % of all."
        assert "word=starved" in found.address


class TestErrors:
    @pytest.mark.parametrize(
        ("count", "level"), [(1, "warning"), (9, "warning"), (10, "critical")]
    )
    def test_weigh_as_many_as_have_them(self, count, level):
        [found] = sync_attention.of_errors([group(count)], count)

        assert found.level == level

    def test_are_named(self):
        [found] = sync_attention.of_errors([group(38, free=31, pro=7)], 38)

        assert found.text == "38 repositories fail with “timed out”."
        assert found.detail == "31 free, 7 pro"
        assert found.url == "/workspaces/health/errors/0123456789ab/"

    def test_are_cut(self):
        [found] = sync_attention.of_errors([group(1, "x" * 500)], 1)

        assert len(found.text) < 120

    @pytest.mark.parametrize(
        ("others", "text"),
        [
            ([], None),
            ([2], "2 repositories fail with one other error."),
            ([2, 1], "3 repositories fail with 2 other errors."),
        ],
    )
    def test_beyond_the_third_come_together(self, others, text):
        groups = [group(count) for count in (5, 4, 3, *others)]

        found = list(sync_attention.of_errors(groups, 12))

        assert [line.text for line in found[3:]] == ([text] if text else [])

    @pytest.mark.parametrize(
        ("failed", "level", "text"),
        [
            (0, "ok", "No repository failed at its last sync."),
            (1, "warning", "1 repository failed at its last sync."),
            (10, "critical", "10 repositories failed at their last sync."),
        ],
    )
    def test_are_missed_where_no_group_is_known(self, failed, level, text):
        [found] = sync_attention.of_errors([], failed)

        assert (found.level, found.text) == (level, text)


class TestConcerns:
    @pytest.mark.parametrize(
        ("word", "rows", "level"),
        [
            ("failing repeatedly", 0, "ok"),
            ("failing repeatedly", 1, "warning"),
            ("failing repeatedly", 9, "warning"),
            ("failing repeatedly", 10, "critical"),
            ("never scheduled", 0, "ok"),
            ("never scheduled", 1, "warning"),
            ("inactive but syncing", 1, "warning"),
            ("refused", 500, "warning"),
        ],
    )
    def test_begin_with_one(self, word, rows, level):
        taken = sample(**{word.replace(" ", "_"): rows, "ok": 1000})

        lines = sync_attention.of_sample(taken, [])

        address = f"word={word.replace(' ', '+')}"
        [found] = [line for line in lines if address in line.address]
        assert found.level == level


class TestUnlinked:
    @pytest.mark.parametrize(
        ("count", "level"), [(None, "unknown"), (0, "ok"), (1, "warning")]
    )
    def test_is_unknown_rather_than_none(self, count, level):
        assert sync_attention.unlinked(count).level == level


class TestCollecting:
    @pytest.mark.parametrize(
        ("newest", "late", "level"),
        [
            (None, True, "unknown"),
            (sample(), True, "warning"),
            (sample(), False, "ok"),
        ],
    )
    def test_is_late_or_not(self, newest, late, level):
        state = Collecting(NOW, newest, late, "Collecting since 3 Nov 2026.")

        assert attention.of_collecting(state).level == level


class TestOrder:
    def test_is_by_weight_and_leaves_out_what_is_well(self):
        levels = ["ok", "warning", "unknown", "critical", "warning"]
        lines = [
            Attention(level, str(i), "/", "Look") for i, level in enumerate(levels)
        ]

        found = attention.gathered(lines[:2], lines[2:])

        assert [line.text for line in found.pressing] == ["3", "1", "4", "2"]
        assert [line.text for line in found.well] == ["0"]
        assert found.well_sentence == "1 check is well"


def test_what_is_well_needs_its_sentence_alone():
    line = Attention("ok", "All is well.", "/somewhere", "Look", "Why not")

    assert (line.url, line.detail) == ("", "")


def test_past_is_a_day_old():
    """A sample stands for 24 hours ago within half an hour."""
    from opsconsole.workspaces.past import Past

    for minutes, known in ((29, True), (31, False)):
        first = sample(ok=3)
        first.at = NOW - timedelta(days=1) + timedelta(minutes=minutes)
        past = Past([first], NOW)
        assert past.change(lambda of: of.total, 5) == (2 if known else None)


def test_a_schedule_that_cannot_keep_up():
    from opsconsole.workspaces.overview.sync_attention import schedule

    enough, short = (schedule(Sample(calls={"free": calls})) for calls in (80, 80.5))

    assert (enough.level, short.level) == ("ok", "warning")
    assert "ask for more syncs than the schedule can do" in short.text
    assert "the 80 that the schedule can do" in short.explanation
