"""The words of an expression as PostgreSQL prints it, taken one by one."""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

Part = TypeVar("Part")

TOKEN = re.compile(
    r"""\s*(
    [eE]?'(?:[^']|'')*'
  | \d+(?:\.\d+)?
  | "(?:[^"]|"")*"
  | [A-Za-z_][\w$]*
  | ::|[-+*/<>=~!@\#%^&|?]+
  | [()\[\],.]
    )""",
    re.VERBOSE,
)


class ExpressionError(Exception):
    """The text is not an expression we can read."""


class Tokens:
    """A text as words, with a position. Every method may raise ExpressionError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = [*_split(text.strip()), ""]
        self.position = 0

    @property
    def next(self) -> str:
        """The word to come; empty at the end."""
        return self.words[self.position]

    def take(self) -> str:
        word = self.next
        if not word:
            raise ExpressionError(self.text)
        self.position += 1
        return word

    def skip(self, word: str) -> bool:
        """Go past this word if it comes next; whether it did."""
        if self.next != word:
            return False
        self.position += 1
        return True

    def expect(self, word: str) -> None:
        if not self.skip(word):
            raise ExpressionError(self.text)

    def skip_parentheses(self) -> None:
        """Go past what is between the parenthesis to come and its partner."""
        depth = 0
        while True:
            word = self.take()
            depth += (word == "(") - (word == ")")
            if depth == 0:
                return

    def separated(self, by: str, part: Callable[[], Part]) -> tuple[Part, ...]:
        """One or more parts with this word between them."""
        parts = [part()]
        while self.skip(by):
            parts.append(part())
        return tuple(parts)


def _split(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise ExpressionError(text)
        yield found.group(1)
        position = found.end()
