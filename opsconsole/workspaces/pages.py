"""Rows of the platform as a table takes them: counted as they are, sorted for a page."""

from collections.abc import Sequence
from typing import Any

from django_tables2.data import TableQuerysetData

from opsconsole.platform.diagnosis import Circumstances


class Pages(TableQuerysetData):
    """What a list needs beside its own way to read the keys of a page."""

    order: str  # a column, with `-` for falling; the class says the usual one

    def __init__(self, rows: Any, known: Circumstances) -> None:
        super().__init__(rows)
        self.known = known

    def order_by(self, aliases: Sequence[str]) -> None:
        """Remember the first one; the paginator counts what is not sorted."""
        self.order = next(iter(aliases), type(self).order)

    @property
    def column(self) -> str:
        """What it is sorted by."""
        return self.order.lstrip("-")

    @property
    def falling(self) -> bool:
        return self.order.startswith("-")

    def sorted(self, rows: Any, figure: Any) -> Any:
        """The rows by this expression; what has no value comes last, either way."""
        direction = figure.desc if self.falling else figure.asc
        return rows.order_by(direction(nulls_last=True), "pk")
