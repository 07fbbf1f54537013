"""Operations of one step each, as the runbook's bare UPDATEs; known to benchmarks alone."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Least

from opsconsole.operations.catalog.base import Operation, register
from opsconsole.operations.models import Step
from opsconsole.operations.moment import Moment
from opsconsole.operations.steps import ChangeRows
from opsconsole.platform.models import WorkspaceTrackedRepository

ROWS = WorkspaceTrackedRepository.objects
TABLE = "workspace_tracked_repositories"
DOUBLED = Least(Greatest(Coalesce(F("sync_frequency_hours"), 24) * 2, 48), 168)


class SingleStep(Operation):
    """Changes one column of the rows that the bare statement takes."""

    purpose = "maintenance"
    risk = "routine"
    column: str
    value: Any
    taken: Q
    after: Q

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        rows = ROWS.filter(self.taken)
        if end := params.get("below"):  # a share of the rows
            rows = rows.filter(pk__lt=end)
        return [ChangeRows(self.title, rows, {self.column: self.value})]

    def subject(self, params: dict[str, Any], moment: Moment) -> str:
        return "a benchmark"

    def holds_after(self, params: dict[str, Any], step: Step) -> Q:
        return self.after


@register
class Double(SingleStep):
    """A column without an index."""

    slug, title, column = "benchmark-double", "Double", "sync_frequency_hours"
    writes = {WorkspaceTrackedRepository: ("sync_frequency_hours",)}
    value, taken = DOUBLED, Q(is_active=True)
    after = Q(sync_frequency_hours__gte=48)


@register
class StopFetching(SingleStep):
    """A column without an index, one value for all."""

    slug, title, column = "benchmark-stop-fetching", "Stop fetching", "fetch_issues"
    writes = {WorkspaceTrackedRepository: ("fetch_issues",)}
    value, taken, after = False, Q(fetch_issues=True), Q(fetch_issues=False)


@register
class Deactivate(SingleStep):
    """A column in the condition of five indexes: no update of it is HOT."""

    slug, title, column = "benchmark-deactivate", "Deactivate", "is_active"
    writes = {WorkspaceTrackedRepository: ("is_active",)}
    value, taken, after = False, Q(is_active=True), Q(is_active=False)


@dataclass(frozen=True)
class Case:
    """An operation, the bare statement that does the same, and the budget of the ratio."""

    operation: type[SingleStep]
    bare: str
    budget: float


CASES = [
    Case(
        Double,
        f"UPDATE {TABLE} SET sync_frequency_hours ="
        " LEAST(GREATEST(COALESCE(sync_frequency_hours, 24) * 2, 48), 168)"
        " WHERE is_active",
        0.6,
    ),
    Case(
        StopFetching, f"UPDATE {TABLE} SET fetch_issues = false WHERE fetch_issues", 0.6
    ),
    Case(Deactivate, f"UPDATE {TABLE} SET is_active = false WHERE is_active", 2.0),
]
