"""Charts: well-formed, honest about gaps, readable without eyes."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from opsconsole.web import plot
from opsconsole.web.charts import Series, line_chart, sparkline

DAYS = [date(2026, 8, 23) + timedelta(days=n) for n in range(90)]


def drawn(chart):
    return ElementTree.fromstring(chart.svg.replace("&nbsp;", " "))


@pytest.mark.parametrize("top", [0, 0.3, 1, 7, 10, 99, 101, 4_321, 1_000_000])
def test_ticks_are_few_and_reach_the_top(top):
    ticks = plot.ticks(top)

    assert ticks[0] == 0
    assert ticks[-1] >= top
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (950, "950"),
        (1000, "1k"),
        (1234, "1.2k"),
        (45_000, "45k"),
        (3e6, "3M"),
    ],
)
def test_short(value, text):
    assert plot.short(value) == text


def test_a_chart_is_one_image_with_a_name():
    svg = drawn(line_chart("Syncs per day", DAYS, [Series("Done", [*range(90)])]))

    assert svg.get("role") == "img"
    assert svg.get("aria-label").startswith("Syncs per day")


def test_a_gap_interrupts_the_line():
    chart = line_chart("Gaps", DAYS[:5], [Series("Done", [1, 2, None, 3, 4])])

    assert chart.svg.count("<polyline") == 2
    assert "Done unknown" in chart.svg


def test_the_table_says_the_same_newest_first():
    chart = line_chart("Two", DAYS[:2], [Series("A", [1, None]), Series("B", [3, 4])])

    assert chart.rows == [(DAYS[1], [None, 4]), (DAYS[0], [1, 3])]


@pytest.mark.parametrize("days", [0, 1])
def test_less_than_two_days_make_no_drawing(days):
    assert line_chart("New", DAYS[:days], [Series("A", [1] * days)]).svg == ""


@pytest.mark.parametrize("values", [[0] * 90, [None] * 90, [10**9] * 90])
def test_flat_empty_and_huge_values_are_drawn(values):
    svg = line_chart("Flat", DAYS, [Series("A", values)]).svg

    assert "nan" not in svg
    assert "inf" not in svg


def test_labels_are_escaped():
    svg = line_chart("<b>", DAYS, [Series("<script>", [1] * 90)]).svg

    assert "<script>" not in svg
    assert "<b>" not in svg


def test_no_drawing_has_an_inline_style():
    chart = line_chart("A", DAYS, [Series("A", [*range(90)])])

    assert "style=" not in chart.svg + sparkline([1, 2, 3])


@pytest.mark.parametrize("values", [[], [1], [None, None]])
def test_a_sparkline_needs_two_values(values):
    assert sparkline(values) == ""


def test_a_sparkline_is_hidden_from_screen_readers():
    assert 'aria-hidden="true"' in sparkline([3, 3, 3])
