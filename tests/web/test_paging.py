"""Pages: no address, however wrong, makes an error or reads a million rows."""

import pytest
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from opsconsole.web import paging
from opsconsole.web.paging import CAP, CappedPaginator, configure
from opsconsole.web.tables import NumberColumn, Table


class Numbers(Table):
    n = NumberColumn()


class Groups(Table):
    class Meta:
        model = Group
        fields = ("name",)


def shown(rf, address, rows=120):
    return configure(Numbers([{"n": n} for n in range(rows)]), rf.get(address))


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("1", 1),
        ("2", 2),
        ("3", 3),
        ("4", 3),
        ("0", 1),
        ("-1", 1),
        ("", 1),
        ("one", 1),
        ("1.5", 1),
        ("1e3", 1),
        ("\u0663", 3),
        ("9" * 30, 3),
        ("9" * 5000, 1),
        ("<script>", 1),
    ],
)
def test_any_page_number_gives_a_page(rf, page, number):
    table = shown(rf, "/?" + f"page={page}")

    assert table.page.number == number


def test_an_empty_list_has_a_first_page(rf):
    assert shown(rf, "/?page=7", rows=0).page.number == 1


@pytest.mark.parametrize("size", ["0", "-5", "1000000", "all", ""])
def test_only_our_sizes_are_taken(rf, size):
    assert shown(rf, f"/?per_page={size}").paginator.per_page == paging.PER_PAGE


def test_one_of_our_sizes_is_taken(rf):
    assert shown(rf, "/?per_page=25").paginator.per_page == 25


@pytest.mark.parametrize("sort", ["-n", "n"])
def test_sorts_as_asked(rf, sort):
    first = next(iter(shown(rf, f"/?sort={sort}").page.object_list)).record["n"]

    assert first == (119 if sort == "-n" else 0)


@pytest.mark.parametrize("sort", ["-", "--n", "pk__password", "n,n", "%00", ""])
def test_nonsense_in_sort_is_no_error(rf, sort):
    assert shown(rf, f"/?sort={sort}").page.number == 1


@pytest.mark.parametrize(
    ("address", "filtered"),
    [
        ("/", False),
        ("/?page=2&sort=n&per_page=25", False),
        ("/?q=", False),
        ("/?q=acme", True),
        ("/?tier=&tier=pro", True),
    ],
)
def test_knows_whether_it_is_filtered(rf, address, filtered):
    table = shown(rf, address, rows=0)

    assert table.filtered is filtered
    assert ("matches" in table.empty_sentence) is filtered


def test_counts_up_to_the_cap_and_says_so():
    paginator = CappedPaginator(range(CAP + 1), 50)

    assert paginator.count == CAP
    assert paginator.is_capped
    assert paginator.page(10**6).number == CAP // 50


def test_a_list_as_long_as_the_cap_is_counted_exactly():
    paginator = CappedPaginator(range(CAP), 50)

    assert paginator.count == CAP
    assert not paginator.is_capped


def test_the_database_is_asked_for_no_more_than_the_cap(rf, monkeypatch):
    asked = []
    monkeypatch.setattr(QuerySet, "count", lambda self: asked.append(self.query) or 0)

    configure(Groups(Group.objects.order_by("name")), rf.get("/"))

    assert [query.high_mark for query in asked] == [CAP + 1]
    assert not asked[0].order_by


def test_rows_of_equal_rank_keep_their_order(rf, monkeypatch):
    monkeypatch.setattr(QuerySet, "count", lambda self: 0)

    table = configure(Groups(Group.objects.all()), rf.get("/?sort=-name"))

    assert table.data.data.query.order_by == ("-name", "pk")
