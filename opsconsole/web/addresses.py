"""What stands in a list's address: which parameters, and when two say the same."""

from collections.abc import Container
from urllib.parse import urlencode

from django.http import QueryDict

LONGEST_QUERY = 2_000  # characters


def pairs(query: QueryDict, without: Container[str] = ()) -> list[tuple[str, str]]:
    """Name and value of each parameter that says something, for hidden fields."""
    return [
        (name, value)
        for name, values in query.lists()
        if name not in without
        for value in map(str.strip, values)
        if value
    ]


def canonical(query: QueryDict, names: Container[str]) -> str:
    """The named parameters in one order, so that two equal lists have equal text.

    Names of columns may come joined by commas or one by one; their order is the table's.
    """
    words = {
        (name, word)
        for name, value in pairs(query)
        if name in names
        for word in (value.split(",") if name.endswith("columns") else [value])
    }
    return urlencode(sorted(words))
