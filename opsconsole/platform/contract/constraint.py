"""What a condition on a row allows in one of its columns.

A part that does not compare a column with constants allows anything: the limits found
are never narrower than the real ones.
"""

from dataclasses import dataclass
from math import ceil, floor, inf

Range = tuple[float, float]  # the least and the greatest whole number
Choices = frozenset[str] | None  # None: any
EVERYTHING: Range = (-inf, inf)
NOTHING: Range = (inf, -inf)


class Node:
    """A condition or a value that says nothing we can use."""

    def limits(self, column: str) -> Range:
        """The numbers allowed in the column."""
        return EVERYTHING

    def choices(self, column: str) -> Choices:
        """The texts allowed in the column."""
        return None


@dataclass(frozen=True)
class Column(Node):
    """A column's value, casts taken off."""

    name: str


@dataclass(frozen=True)
class Constants(Node):
    """One constant, or those of an array, as text."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Comparison(Node):
    """A column against constants; with several, it equals one of them."""

    column: str
    operator: str
    values: tuple[str, ...]

    def limits(self, column: str) -> Range:
        try:
            numbers = [float(value) for value in self.values]
        except ValueError:
            return EVERYTHING
        if column != self.column or not numbers:
            return EVERYTHING
        low, high = min(numbers), max(numbers)
        return {
            "=": (ceil(low), floor(high)),
            ">=": (ceil(low), inf),
            ">": (floor(low) + 1, inf),
            "<=": (-inf, floor(high)),
            "<": (-inf, ceil(high) - 1),
        }.get(self.operator, EVERYTHING)

    def choices(self, column: str) -> Choices:
        equals = column == self.column and self.operator == "="
        return frozenset(self.values) if equals else None


@dataclass(frozen=True)
class IsNull(Node):
    """A column without a value: no number and no text passes here."""

    column: str

    def limits(self, column: str) -> Range:
        return NOTHING if column == self.column else EVERYTHING

    def choices(self, column: str) -> Choices:
        return frozenset() if column == self.column else None


@dataclass(frozen=True)
class Every(Node):
    """AND."""

    parts: tuple[Node, ...]

    def limits(self, column: str) -> Range:
        ranges = [part.limits(column) for part in self.parts]
        return max(low for low, _ in ranges), min(high for _, high in ranges)

    def choices(self, column: str) -> Choices:
        found = [part.choices(column) for part in self.parts]
        known = [choices for choices in found if choices is not None]
        return frozenset.intersection(*known) if known else None


@dataclass(frozen=True)
class Either(Node):
    """OR."""

    parts: tuple[Node, ...]

    def limits(self, column: str) -> Range:
        ranges = [part.limits(column) for part in self.parts]
        return min(low for low, _ in ranges), max(high for _, high in ranges)

    def choices(self, column: str) -> Choices:
        found = [part.choices(column) for part in self.parts]
        known = [choices for choices in found if choices is not None]
        return frozenset().union(*known) if len(known) == len(found) else None
