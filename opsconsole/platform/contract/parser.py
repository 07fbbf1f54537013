"""Reads a CHECK as pg_get_constraintdef() prints it.

PostgreSQL prints full parentheses, BETWEEN as two comparisons and IN as
`= ANY (ARRAY[…])`, each constant with its cast.
"""

import re

from opsconsole.platform.contract.constraint import (
    Column,
    Comparison,
    Constants,
    Either,
    Every,
    IsNull,
    Node,
)
from opsconsole.platform.contract.tokens import ExpressionError, Tokens

OPERATOR = re.compile(r"[-+*/<>=~!@#%^&|?]+")
ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')
TYPE_WORDS = ("varying", "precision", "with", "without", "time", "zone")
FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def parse(definition: str) -> Node:
    """The condition of `CHECK (…)`. Raises ExpressionError."""
    if not definition.startswith("CHECK ("):
        raise ExpressionError(definition)
    if definition.endswith("NOT ENFORCED"):  # since PostgreSQL 18
        return Node()
    return Parser(definition.removeprefix("CHECK ")).operand()


class Parser(Tokens):
    """Recursive descent: one method for each level of precedence."""

    def either(self) -> Node:
        parts = self.separated("OR", self.every)
        return parts[0] if len(parts) == 1 else Either(parts)

    def every(self) -> Node:
        parts = self.separated("AND", self.negated)
        return parts[0] if len(parts) == 1 else Every(parts)

    def negated(self) -> Node:
        if self.skip("NOT"):
            self.negated()
            return Node()
        return self.comparison()

    def comparison(self) -> Node:
        left = self.operand()
        while True:
            if self.skip("IS"):
                left = self._is(left)
            elif OPERATOR.fullmatch(self.next):
                left = self._compared(left, self.take())
            else:
                return left

    def operand(self) -> Node:
        """A value with its casts."""
        node = self._value(self.take())
        while self.next in ("::", "COLLATE"):
            if self.take() == "COLLATE":
                self._name(self.take())
            elif self._type_is_array() and isinstance(node, Constants):
                node = _elements(node)
        return node

    def _value(self, word: str) -> Node:
        if word == "(":
            node = self.either()
            self.expect(")")
            return node
        if word == "ARRAY":
            return self._array()
        if word.endswith("'"):
            return Constants((word.lstrip("eE")[1:-1].replace("''", "'"),))
        if word[:1].isdigit():
            return Constants((word,))
        name = self._name(word)
        if self.next == "(":
            self.skip_parentheses()
            return Node()
        return Node() if word in ("NULL", "true", "false") else Column(name)

    def _array(self) -> Node:
        self.expect("[")
        items = self.separated(",", self.operand)
        self.expect("]")
        constants = [item for item in items if isinstance(item, Constants)]
        if len(constants) < len(items):
            return Node()
        return Constants(tuple(value for item in constants for value in item.values))

    def _is(self, left: Node) -> Node:
        negated = self.skip("NOT")
        if self.skip("NULL") and isinstance(left, Column) and not negated:
            return IsNull(left.name)
        if self.skip("DISTINCT"):
            self.expect("FROM")
            self.operand()
        for word in ("TRUE", "FALSE", "UNKNOWN"):
            self.skip(word)
        return Node()

    def _compared(self, left: Node, operator: str) -> Node:
        excluded = self.skip("ALL")  # `<> ALL (ARRAY[…])` is NOT IN
        self.skip("ANY")
        right = self.operand()
        if isinstance(left, Constants) and isinstance(right, Column):
            left, right, operator = right, left, FLIPPED.get(operator, operator)
        if isinstance(left, Column) and isinstance(right, Constants) and not excluded:
            return Comparison(left.name, operator, right.values)
        return Node()

    def _type_is_array(self) -> bool:
        """Read the type of a cast."""
        self._name(self.take())
        while self.next in TYPE_WORDS or self.next == "(":
            if self.next == "(":
                self.skip_parentheses()
            else:
                self.take()
        is_array = self.skip("[")
        if is_array:
            self.expect("]")
        return is_array

    def _name(self, word: str) -> str:
        """A name, of which the last part counts."""
        while self.skip("."):
            word = self.take()
        if word.startswith('"'):
            return word[1:-1].replace('""', '"')
        if not word.isidentifier() or word == "CASE":
            raise ExpressionError(self.text)
        return word


def _elements(array: Constants) -> Constants:
    """The values inside of a literal such as '{free,"pro plus"}'."""
    text = array.values[0] if len(array.values) == 1 else ""
    if not text.startswith("{"):
        return array
    found = (match.group(1) or match.group(2) for match in ELEMENT.finditer(text))
    return Constants(tuple(found))
