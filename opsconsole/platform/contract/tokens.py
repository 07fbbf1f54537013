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


class NotUnderstood(Exception):
    """The text is not an expression we can read."""


class Tokens:
    """A text as tokens, with a position. Every method may raise NotUnderstood."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [*_split(text.strip()), ""]
        self.position = 0

    @property
    def next(self) -> str:
        """The token to come; empty at the end."""
        return self.tokens[self.position]

    def take(self) -> str:
        token = self.next
        if not token:
            raise NotUnderstood(self.text)
        self.position += 1
        return token

    def skip(self, token: str) -> bool:
        """Go past this token if it comes next; whether it did."""
        if self.next != token:
            return False
        self.position += 1
        return True

    def expect(self, token: str) -> None:
        if not self.skip(token):
            raise NotUnderstood(self.text)

    def skip_parentheses(self) -> None:
        """Go past what is between the parenthesis to come and its partner."""
        depth = 0
        while True:
            token = self.take()
            depth += (token == "(") - (token == ")")
            if depth == 0:
                return

    def separated(self, by: str, part: Callable[[], Part]) -> tuple[Part, ...]:
        """One or more parts with this token between them."""
        parts = [part()]
        while self.skip(by):
            parts.append(part())
        return tuple(parts)


def _split(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        found = TOKEN.match(text, position)
        if found is None:
            raise NotUnderstood(text)
        yield found.group(1)
        position = found.end()
