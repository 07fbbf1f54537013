"""Errors that are the same but for names, numbers and addresses, brought to one pattern.

Worked out by PostgreSQL, so that a list, a count and an operation mean the same rows.
"""

from typing import Any

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import MD5, Left, Trim

READ = (
    2_000  # characters of an error that make its pattern; the rest repeats or is a page
)
KEPT = 300  # characters of a pattern that tell it from others
LENGTH = 12  # hexadecimal digits of a fingerprint
QUOTED = "‹text›"
RULES = (
    (r"https?://[^\s)\"'<>]+", "‹url›"),
    (
        r"\m[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\M",
        "‹id›",
    ),
    (r"\"[^\"]*\"|'[^']*'|`[^`]*`|“[^”]*”", QUOTED),
    (r"\m(0x)?[0-9a-f]*[0-9][0-9a-f]{7,}\M", "‹id›"),
    (r"[0-9]+([.,:][0-9]+)*", "‹n›"),
    (r"\s+", " "),
)  # regular expression of PostgreSQL, what stands for it; in this order


class _Replace(Func):
    function = "regexp_replace"
    output_field = TextField()


def pattern(column: str = "last_sync_error") -> Any:
    """The error with what differs from row to row replaced, as an expression."""
    text: Any = Left(F(column), READ)
    for expression, stand_in in RULES:
        text = _Replace(text, Value(expression), Value(stand_in), Value("gi"))
    return Left(Trim(text), KEPT, output_field=TextField())


def fingerprint(column: str = "last_sync_error") -> Any:
    """LENGTH hexadecimal digits of the pattern, as an expression; NULL without an error."""
    return Left(MD5(pattern(column)), LENGTH, output_field=TextField())
