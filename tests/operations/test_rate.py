"""How fast a run writes: known neither too early nor wrong."""

from datetime import timedelta

import pytest

from opsconsole.operations.models import Run
from opsconsole.operations.showing import rate

THIN = "\N{NARROW NO-BREAK SPACE}"


def run(*, planned, written, seconds):
    return Run(
        rows_planned=planned, rows_written=written, worked=timedelta(seconds=seconds)
    )


@pytest.mark.parametrize(
    ("planned", "written", "seconds", "known"),
    [
        (10_000, 0, 0, False),
        (10_000, 0, 5, False),
        (10_000, 199, 1.9, False),
        (10_000, 200, 1.9, True),  # two percent
        (10_000, 1, 2, True),  # two seconds
    ],
)
def test_unknown_until_it_says_something(planned, written, seconds, known):
    found = run(planned=planned, written=written, seconds=seconds)

    assert (rate.per_second(found) is not None) is known
    assert (rate.left(found) is not None) is known
    assert ("unknown yet" in rate.sentence(found)) is not known


def test_in_words():
    found = run(planned=200_000, written=50_000, seconds=40)

    assert rate.per_second(found) == 1250
    assert rate.left(found) == timedelta(minutes=2)
    assert rate.sentence(found) == f"1{THIN}250 rows/s · about 2 min left."


def test_a_slow_one_keeps_a_decimal():
    found = run(planned=20, written=5, seconds=2)

    assert rate.sentence(found) == "2.5 rows/s · about 6 s left."


def test_rows_that_were_not_ours_are_done_too():
    found = Run(
        rows_planned=100,
        rows_written=10,
        rows_found=10,
        rows_skipped=30,
        worked=timedelta(seconds=5),
    )

    assert rate.per_second(found) == 10
    assert rate.left(found) == timedelta(seconds=5)
