"""Columns: the reader's choice is taken from the address, nonsense is not."""

import pytest
from django.http import QueryDict

from opsconsole.web.column_choice import choosable, shown
from opsconsole.web.paging import configure, wants_csv
from opsconsole.web.tables import LinkColumn, NumberColumn, SelectionColumn, Table


class Things(Table):
    label = "Things"
    hidden_columns = ("weight",)
    csv_fields = {"id": "pk", "name": "name", "size": "size", "weight": "weight"}

    pick = SelectionColumn(name_of="name", accessor="name")
    name = LinkColumn("Name", linkify=lambda record: "/")
    size = NumberColumn(verbose_name="Size")
    weight = NumberColumn(verbose_name="Weight")


def table(rf, address="/", rows=60, method="get"):
    request = getattr(rf, method)(address)
    return configure(Things([{"name": "a", "size": 1, "weight": 2}] * rows), request)


def names(table):
    return [column.name for column in table.columns]


def test_the_name_and_the_boxes_cannot_be_hidden():
    assert choosable(Things) == ["size", "weight"]


@pytest.mark.parametrize(
    ("address", "columns"),
    [
        ("/", ["size"]),
        ("/?columns=", ["size"]),
        ("/?columns=weight", ["weight"]),
        ("/?columns=weight,size", ["size", "weight"]),
        ("/?columns=size&columns=weight", ["size", "weight"]),
        ("/?columns=none", []),
        ("/?columns=none&columns=weight", ["weight"]),
        ("/?columns=password,weight,<b>", ["weight"]),
        ("/?columns=name", []),
    ],
)
def test_shows_what_the_address_asks_for(rf, address, columns):
    assert names(table(rf, address)) == ["pick", "name", *columns]


def test_a_view_knows_before_it_asks_for_rows():
    assert "weight" not in shown(Things, QueryDict(""))
    assert "weight" in shown(Things, QueryDict("columns=weight"))
    assert "weight" in shown(Things, QueryDict("b-columns=weight"), "b-columns")


def test_a_hidden_column_is_not_rendered(rf, monkeypatch):
    monkeypatch.setattr(NumberColumn, "render", lambda self, value: f"cell {value}")
    request = rf.get("/")

    page = table(rf).as_html(request)

    assert "cell 1" in page
    assert "cell 2" not in page
    assert '<input type="checkbox" name="columns" value="weight">' in page


def test_choosing_keeps_the_rows_where_they_are(rf):
    address = "/?q=acme&sort=-size&page=2&format=csv"

    page = table(rf, address).as_html(rf.get(address))
    form = page[page.index("column-choice") : page.index("Columns to show")]

    assert '<input type="hidden" name="q" value="acme">' in form
    assert '<input type="hidden" name="sort" value="-size">' in form
    assert '<input type="hidden" name="page" value="2">' in form
    assert "format" not in form


def test_columns_alone_are_no_filter(rf):
    assert not table(rf, "/?columns=weight").filtered


def test_the_orders_of_a_phone_are_those_of_the_heads(rf):
    sorts = table(rf, "/?sort=-size").sorts

    assert ("size", "Size, ascending", False) in sorts
    assert ("-size", "Size, descending", True) in sorts
    assert not [label for _, label, _ in sorts if "pick" in label]


@pytest.mark.parametrize(
    ("method", "address", "wanted"),
    [
        ("get", "/?format=csv", True),
        ("head", "/?format=csv", False),
        ("get", "/", False),
        ("get", "/?format=xlsx", False),
    ],
)
def test_a_file_is_made_only_when_asked_for(rf, method, address, wanted):
    assert wants_csv(table(rf, address, method=method)) is wanted


def test_a_table_without_fields_has_no_file(rf):
    class Bare(Table):
        name = NumberColumn()

    assert not wants_csv(configure(Bare([]), rf.get("/?format=csv")))


def test_an_empty_list_has_no_tools(rf):
    assert "list-tools" not in table(rf, rows=0).as_html(rf.get("/"))
