"""Kinds of errors: counted, remembered, listed."""

from datetime import UTC, datetime, timedelta

import pytest

from opsconsole.history import errors, samples
from opsconsole.history.models import ErrorGroup, Sample
from opsconsole.platform.models import WorkspaceTrackedRepository

pytestmark = pytest.mark.platform
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
REFUSED = "error sending request for url (https://api.github.com/repos/{}/issues)"


def test_one_kind_by_tier(make):
    for tier, name in (("free", "a/b"), ("pro", "c/d"), ("pro", "e/f")):
        text = REFUSED.format(name)
        make.failed(make.workspace(tier=tier), last_sync_error=text)

    [group] = errors.groups(samples.take(NOW))

    assert (group.count, group.tiers) == (3, {"free": 1, "pro": 2})
    assert group.pattern == "error sending request for url (‹url›)"
    assert group.sample_text in (REFUSED.format(name) for name in ("a/b", "c/d", "e/f"))
    same = WorkspaceTrackedRepository.objects.with_error(group.fingerprint)
    assert same.count() == 3


def test_only_rows_that_failed_with_an_error(make):
    make.tracked(last_sync_error="left over")
    make.failed(last_sync_error=None)

    assert samples.take(NOW).errors == {}


def test_the_heaviest_first(make, django_assert_num_queries):
    for text, rows in (("rare", 1), ("often", 3), ("usual", 2)):
        for _ in range(rows):
            make.failed(last_sync_error=text)
    sample = samples.take(NOW)

    with django_assert_num_queries(1):
        groups = errors.groups(sample)

    assert [group.pattern for group in groups] == ["often", "usual", "rare"]


def test_no_more_than_a_page_can_show(make, monkeypatch):
    monkeypatch.setattr(errors, "MOST", 2)
    workspace = make.workspace()
    for text in ("one", "two", "two", "three", "three", "three"):
        make.failed(workspace, last_sync_error=text)

    groups = errors.groups(samples.take(NOW))

    assert [group.pattern for group in groups] == ["three", "two"]


def test_remembered_since_it_was_first_seen(make, platform_sql):
    make.failed(last_sync_error="boom")
    samples.take(NOW)
    samples.take(NOW + DAY)
    platform_sql("DELETE FROM workspace_tracked_repositories")
    samples.take(NOW + 2 * DAY)

    group = ErrorGroup.objects.get()

    assert (group.first_seen, group.last_seen) == (NOW, NOW + DAY)


def test_long_and_hostile_texts_are_cut(make):
    make.failed(last_sync_error="<script>" + "é" * 100_000)

    [group] = errors.groups(samples.take(NOW))

    assert len(group.sample_text) == errors.LONGEST
    assert group.sample_text.startswith("<script>")
    assert len(group.pattern) <= 300


def test_texts_with_percent_signs_and_braces(make):
    make.failed(last_sync_error="%s %(x)s {0} \\ 100%")

    [group] = errors.groups(samples.take(NOW))

    assert group.sample_text == "%s %(x)s {0} \\ 100%"


def test_trend_of_one_kind(databases):
    def sample(at, rows):
        return Sample(at=at, took=DAY, errors={"abc": {"free": rows, "pro": 1}})

    found = [sample(NOW - DAY / 2, 4), sample(NOW, 2)]

    line = errors.trend_of(found, "abc", until=NOW, points=4)

    assert line == [None, 5, None, 3]
    assert errors.trend_of(found, "other", until=NOW, points=2) == [0, 0]
