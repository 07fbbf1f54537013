"""Two addresses of one list are the same text, whatever their order."""

import pytest
from django.http import QueryDict

from opsconsole.web.addresses import canonical, pairs

NAMES = {"tier", "word", "sort", "columns"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tier=pro&word=failed", "word=failed&tier=pro"),
        ("tier=pro", "tier=pro&word=&page=7"),
        ("tier=pro", "tier=+pro+&unknown=1"),
        ("columns=a,b", "columns=b&columns=a"),
        ("", "page=2"),
    ],
)
def test_same_list(one, other):
    assert canonical(QueryDict(one), NAMES) == canonical(QueryDict(other), NAMES)


@pytest.mark.parametrize(
    ("one", "other"),
    [("tier=pro", "tier=free"), ("tier=pro", ""), ("sort=a", "sort=-a")],
)
def test_other_list(one, other):
    assert canonical(QueryDict(one), NAMES) != canonical(QueryDict(other), NAMES)


def test_pairs_leave_out_what_says_nothing():
    assert pairs(QueryDict("a=1&b=&a=2&c=3"), without=["c"]) == [("a", "1"), ("a", "2")]
