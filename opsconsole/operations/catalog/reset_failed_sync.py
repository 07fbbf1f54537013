from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from opsconsole.operations.catalog.base import Moment, Operation, register
from opsconsole.operations.fields import RepositoryIds, WorkspaceId
from opsconsole.operations.models import Run
from opsconsole.operations.steps import ChangeRows
from opsconsole.operations.verdicts import Level, Verdict, counted, holds
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.rules import FAILED, schedule_rounds


@register
class ResetFailedSync(Operation):
    """Clear the failure of repositories whose last sync failed, and make them due now.

    Runbook: "Reset Failed Syncs". Its UPDATE leaves last_sync_status at 'failed', so the
    rows stay in the failed list while the alert goes quiet; ours clears the status too.
    The next scheduled run takes the rows up as far as its limit reaches; this operation
    calls nothing.
    """

    slug = "reset-failed-sync"
    title = "Reset failed sync"
    purpose = "daily"
    risk = "routine"
    icon = "rotate-ccw"
    reads = ("workspaces.is_active",)
    writes = {
        WorkspaceTrackedRepository: (
            "last_sync_error",
            "last_sync_status",
            "next_sync_at",
            "sync_attempts",
        )
    }

    class Form(forms.Form):
        """Which failed repositories: exactly one of the three."""

        repositories = RepositoryIds(
            required=False, help_text="Ids of tracked repositories of workspaces."
        )
        workspace = WorkspaceId(
            required=False, help_text="All failed repositories of this workspace."
        )
        all_failed = forms.BooleanField(
            required=False, help_text="Every failed repository of the platform."
        )

        def clean(self) -> dict[str, Any]:
            given = super().clean() or self.cleaned_data
            if not self.errors and sum(map(bool, given.values())) != 1:
                raise forms.ValidationError(
                    "Give exactly one of: repositories, workspace, all failed."
                )
            return given

    def steps(self, params: dict[str, Any], moment: Moment) -> list[ChangeRows]:
        values = {
            "sync_attempts": 0,
            "last_sync_error": None,
            "last_sync_status": None,
            "next_sync_at": moment.now,
        }
        return [ChangeRows("Clear the failure", self._rows(params), values)]

    def subject(self, params: dict[str, Any]) -> str:
        if params["all_failed"]:
            return "all failed repositories"
        if params["workspace"]:
            return f"workspace {Workspace.objects.get(pk=params['workspace'])}"
        ids = params["repositories"]
        return _label_of(ids[0]) if len(ids) == 1 else f"{len(ids)} repositories"

    def invariants(self, run: Run) -> list[Verdict]:
        if not run.rows_planned:
            return []
        statuses = _values_before(run, "last_sync_status")
        failed_alone = holds(
            "Failed ones alone",
            statuses <= {FAILED},
            yes="Every row's last sync failed; no other row is touched.",
            no=f"Rows with status {sorted(map(str, statuses))} would be touched.",
        )
        return [failed_alone, *_left_out(run), *self._deleted(run), _when(run)]

    def _deleted(self, run: Run) -> Iterator[Verdict]:
        """The sync function does not look at a workspace's is_active, nor do we."""
        deleted = self._rows(run.params).filter(workspace__is_active=False).count()
        if deleted:
            sentence = f"{counted(deleted)} of workspaces that their owners deleted."
            yield Verdict("Deleted workspaces", Level.NOTE, sentence)

    def holds_after(self) -> Q:
        """Not failed any more: cleared, or synced again in the meantime."""
        return ~Q(last_sync_status=FAILED) | Q(last_sync_status=None)

    def _rows(self, params: dict[str, Any]) -> "QuerySet[Any]":
        failed = WorkspaceTrackedRepository.objects.failed()
        if params["all_failed"]:
            return failed
        if params["workspace"]:
            return failed.of_workspace(params["workspace"])
        return failed.filter(pk__in=params["repositories"])


def _label_of(pk: str) -> str:
    """A tracked repository as people call it."""
    rows = WorkspaceTrackedRepository.objects.filter(pk=pk).described()
    name, workspace = rows.values_list("row_label", "row_workspace").get()
    return f"{name} of {workspace}"


def _left_out(run: Run) -> Iterator[Verdict]:
    chosen = len(run.params["repositories"])
    if left := max(chosen - run.rows_planned, 0):
        sentence = f"{left:,} of {chosen:,} chosen repositories did not fail."
        yield Verdict("Left out", Level.NOTE, sentence)


def _when(run: Run) -> Verdict:
    rounds = schedule_rounds(run.rows_planned)
    if rounds <= 1:
        sentence = "The next scheduled run can take all of them."
        return Verdict("When they sync", Level.OK, sentence)
    sentence = f"The schedule needs at least {rounds} runs to take all of them."
    return Verdict("When they sync", Level.NOTE, sentence)


def _values_before(run: Run, column: str) -> set[str | None]:
    [step] = run.summary["steps"]
    [histogram] = [item for item in step["columns"] if item["name"] == column]
    return {pair["old"] for pair in histogram["pairs"]}
