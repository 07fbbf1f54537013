"""The bar of diagnoses: worst first, nothing too thin to see, all of it in words."""

import re

import pytest

from opsconsole.web import mix


def widths(svg):
    return [float(width) for width in re.findall(r' width="([\d.]+)%"', svg)]


def test_the_worst_stands_first_and_is_the_tallest():
    svg = mix.bar({"ok": 9, "due": 2, "failed": 1, "overdue": 3})

    assert re.findall(r'rect class="(\w+)"', svg) == [
        "critical",
        "warning",
        "info",
        "ok",
    ]
    heights = [int(height) for height in re.findall(r' height="(\d+)%"', svg)]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 4


def test_says_every_word_to_those_who_do_not_see_it():
    svg = mix.bar({"ok": 1200, "failed": 1})

    assert 'role="img" aria-label="1 failed, 1\u202f200 OK"' in svg
    assert "<title>1 failed</title>" in svg


def test_one_of_a_million_is_seen_and_the_bar_is_full():
    found = widths(mix.bar({"ok": 1_000_000, "failed": 1, "overdue": 1}))

    assert min(found) > 3
    assert sum(found) == pytest.approx(100, abs=0.1)


def test_nothing_is_no_bar():
    assert mix.bar({}) == mix.bar({"ok": 0}) == ""


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"ok": 12}, "12 OK"),
        ({"ok": 9, "failed": 2}, "2 failed, 9 OK"),
        (
            {"ok": 9, "failed": 2, "due": 1, "overdue": 3},
            "2 failed, 3 overdue, 10 others",
        ),
        ({"failed": 2, "due": 1, "overdue": 3}, "2 failed, 3 overdue, 1 other"),
        ({}, ""),
    ],
)
def test_the_worst_words(counts, words):
    assert mix.summary(counts) == words


def test_a_word_nobody_told_us_about_is_escaped():
    assert "<b>" not in mix.bar({"<b>": 1})
