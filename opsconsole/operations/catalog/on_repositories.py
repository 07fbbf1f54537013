"""Operations on tracked repositories: whoever starts one chooses which."""

from collections.abc import Iterator
from typing import Any, ClassVar

from opsconsole.operations.asking import selecting
from opsconsole.operations.catalog.base import Operation
from opsconsole.operations.models import Run
from opsconsole.operations.moment import Moment
from opsconsole.operations.risks import Risk
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows

FEW_ROWS = 50  # are routine; more at once want a reason and their number typed


class OnRepositories(Operation):
    """Its form is a SelectingForm, with the operation's own parameters beside it."""

    reads: ClassVar[tuple[str, ...]] = ("workspaces.is_active",)
    routine_rows: ClassVar[int | None] = FEW_ROWS  # above it elevated; None: never

    class Form(selecting.SelectingForm):
        """Which repositories."""

    def risk_of(self, run: Run) -> str:
        few = self.routine_rows
        many = few is not None and run.rows_planned > few
        return Risk.ELEVATED if many and self.risk == Risk.ROUTINE else self.risk

    def chosen(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        """The rows that somebody chose; `few` as for a RowSelection."""
        return selecting.rows(params, moment, few=few)

    def rows(
        self, params: dict[str, Any], moment: Moment, *, few: bool = False
    ) -> Rows:
        """Those of them that the operation means."""
        return self.chosen(params, moment, few=few)

    def change(
        self, title: str, params: dict[str, Any], moment: Moment, values: dict[str, Any]
    ) -> ChangeRows:
        """The step that gives these rows these values."""
        again = self.rows(params, moment, few=True)
        return ChangeRows(title, self.rows(params, moment), values, again=again)

    def in_words(self, params: dict[str, Any], total: int | None) -> str:
        """The chosen rows in words, with their number where that says more."""
        return selecting.in_words(params, total)

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        counted = any(params.get(way) for way in selecting.SELECTIONS)
        total = self.chosen(params, moment).count() if counted else None
        return self.in_words(params, total)


def of_deleted_workspaces(rows: Rows) -> Iterator[Verdict]:
    """The sync function does not look at a workspace's is_active, nor do we."""
    if deleted := rows.filter(workspace__is_active=False).count():
        sentence = f"{counted(deleted)} of workspaces that their owners deleted."
        yield Verdict("Deleted workspaces", Level.NOTE, sentence)
