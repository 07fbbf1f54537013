"""Columns: what they show, that they escape it, and how the table says it is empty."""

from datetime import UTC, datetime, timedelta

import django_tables2
import pytest

from opsconsole.web import words
from opsconsole.web.paging import configure
from opsconsole.web.tables import (
    DurationColumn,
    LinkColumn,
    NumberColumn,
    PillColumn,
    SelectionColumn,
    ShortTextColumn,
    Table,
    TierColumn,
    TimeColumn,
    UsageColumn,
)

EVIL = '"><img src=x onerror=alert(1)>'


class Everything(Table):
    label = "Things"
    empty_filtered_text = "No thing has this name."

    key = SelectionColumn(name_of="name")
    name = LinkColumn(below="slug", linkify=lambda record: f"/things/{record['key']}")
    at = TimeColumn(missing="not yet")
    took = DurationColumn()
    rows = NumberColumn(unit="rows")
    state = PillColumn()
    diagnosis = PillColumn(vocabulary=words.DIAGNOSES)
    tier = TierColumn()
    used = UsageColumn(limit="limit", noun="repositories")
    text = ShortTextColumn(length=12)
    plain = django_tables2.Column()

    class Meta:
        empty_text = "There are no things."


ROW = {
    "key": "7",
    "name": "Acme",
    "slug": "acme-7",
    "at": datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
    "took": timedelta(seconds=61),
    "rows": 12431,
    "state": "applied_with_problems",
    "diagnosis": "paused",
    "tier": "pro",
    "used": 7,
    "limit": 10,
    "text": "a sentence that is too long",
    "plain": "as it is",
}


def html(rf, address="/", **changes):
    return configure(Everything([ROW | changes]), rf.get(address)).as_html(
        rf.get(address)
    )


def cell(name, **changes):
    return str(Everything([ROW | changes]).rows[0].get_cell(name))


@pytest.mark.parametrize(
    "name", ["key", "name", "slug", "state", "diagnosis", "tier", "text", "plain"]
)
def test_every_column_escapes(rf, name):
    page = html(rf, **{name: EVIL})

    assert "<img" not in page
    assert "&lt;img" in page or "&gt;" in page


def test_a_missing_moment_says_what_that_means():
    assert cell("at", at=None) == "not yet"


def test_duration_takes_seconds_and_spans():
    assert cell("took") == cell("took", took=61) == "1 min 1 s"


def test_number_has_its_unit():
    assert cell("rows") == '12\u202f431 <span class="unit">rows</span>'


def test_a_pill_uses_its_vocabulary():
    assert 'class="pill neutral"' in cell("diagnosis")
    assert 'class="pill warning"' in cell("state", state="paused")


def test_the_second_line_of_a_link_is_outside_of_it():
    assert cell("name").endswith('</a><span class="below">acme-7</span>')


def test_usage_shows_bar_and_words():
    assert '<meter min="0" max="10" value="7"' in cell("used")
    assert "7 of 10 repositories used" in cell("used")


@pytest.mark.parametrize(
    ("used", "style"), [(8, 'class="usage"'), (9, "near"), (10, "near"), (11, "over")]
)
def test_usage_warns_before_and_over_the_limit(used, style):
    assert style in cell("used", used=used)
    assert ("over limit" in cell("used", used=used)) is (used > 10)


def test_usage_without_a_limit_says_so():
    assert "limit unknown" in cell("used", limit=None)
    assert "<meter" not in cell("used", limit=None)


def test_nothing_allowed_and_something_used_is_over_the_limit():
    assert "over limit" in cell("used", used=1, limit=0)


def test_a_checkbox_says_which_row_it_selects():
    assert 'aria-label="Select Acme"' in cell("key")
    assert 'form="selection"' in cell("key")


def test_exports_are_values_without_markup():
    header, row = Everything([ROW]).as_values()

    assert len(header) == len(row) == 10
    assert row[1:6] == [
        "2020-01-02T03:04:05+00:00",
        61,
        12431,
        "applied with problems",
        "paused",
    ]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("/", "There are no things."), ("/?q=x", "No thing has this name.")],
)
def test_an_empty_table_says_why(rf, address, sentence):
    request = rf.get(address)

    assert sentence in configure(Everything([]), request).as_html(request)


def test_a_table_without_words_of_its_own_says_something(rf):
    class Bare(Table):
        n = NumberColumn()

    assert Bare([]).empty_sentence == "There is nothing here yet."


def test_sorting_keeps_filters_and_drops_the_page(rf):
    page = html(rf, "/?q=acme&page=3&sort=tier")

    assert "?q=acme&amp;sort=-tier" in page
    assert 'aria-sort="ascending"' in page


def test_filtering_keeps_the_chosen_order(rf):
    field = '<input type="hidden" name="sort" value="-tier" form="results-filters">'

    assert field in html(rf, "/?sort=-tier")
    assert 'form="results-filters"' not in html(rf)


def test_every_cell_carries_the_name_of_its_column(rf):
    assert 'data-label="Tier"' in html(rf)


def test_nothing_is_inline(rf):
    assert "style=" not in html(rf)
    assert "onclick" not in html(rf)
