"""Points of a line: evenly spaced, the newest of each, gaps as gaps."""

from datetime import UTC, datetime, timedelta

from opsconsole.history.models import Sample
from opsconsole.history.trends import trend

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def sample(ago, due, problem=""):
    return Sample(at=NOW - ago, took=HOUR, due=due, problem=problem)


def line(*samples, points=4):
    span = points * HOUR
    return trend(samples, lambda s: s.due, until=NOW, span=span, points=points)


def test_without_samples():
    assert line() == [None] * 4


def test_each_point_takes_the_time_up_to_it():
    assert line(sample(0 * HOUR, 1)) == [None, None, None, 1]
    assert line(sample(HOUR - TICK, 1)) == [None, None, None, 1]
    assert line(sample(HOUR, 1)) == [None, None, 1, None]
    assert line(sample(4 * HOUR - TICK, 1)) == [1, None, None, None]


def test_what_is_older_or_of_the_future_is_left_out():
    assert line(sample(4 * HOUR, 1), sample(-TICK, 2)) == [None] * 4


def test_the_newest_of_a_point_whatever_the_order():
    newer, older = sample(HOUR / 4, 1), sample(HOUR / 2, 2)

    assert line(newer, older) == line(older, newer) == [None, None, None, 1]


def test_a_sample_without_numbers_is_no_zero():
    assert line(sample(0 * HOUR, 0, problem="Down.")) == [None] * 4


def test_a_measure_may_not_know():
    samples = [Sample(at=NOW, took=HOUR, unlinked=None)]

    assert trend(samples, lambda s: s.unlinked, until=NOW, points=1) == [None]
