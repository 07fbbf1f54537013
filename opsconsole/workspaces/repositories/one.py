"""Everything the platform says of one tracked repository, and of its rows elsewhere."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Left
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.fingerprint import fingerprint
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.rules import FAILED
from opsconsole.workspaces.actions import Actions
from opsconsole.workspaces.columns import github
from opsconsole.workspaces.repositories.rows import ERROR, SHOWN, Row, name_of
from opsconsole.workspaces.repositories.tuning import INTERVAL, PRIORITY, Tuning

OTHERS = 25  # workspaces that sync the same repository
NOTES_SHOWN = 1_000  # characters
Tracked = WorkspaceTrackedRepository.objects


@dataclass(frozen=True)
class Repository:
    """A row of `workspace_tracked_repositories` and those of the same repository."""

    row: Row
    others: list[Row]  # of active rows alone, one more than OTHERS at most

    @property
    def name(self) -> str:
        return name_of(self.row)

    @property
    def github(self) -> str:
        return github(self.name)

    @property
    def error_group(self) -> str:
        """The fingerprint of its error, if that counts as a failure."""
        failed = self.row.last_sync_status == FAILED
        return self.row.fingerprint if failed and self.row.error else ""


def read(pk: UUID, known: Circumstances) -> Repository | None:
    """One query. The platform has no index for rows of a repository that are not active,
    so that these are not looked for.
    """
    same = Tracked.filter(pk=pk).values("tracked_repository")[:1]
    others = Q(tracked_repository=same, is_active=True)
    rows = Tracked.filter(Q(pk=pk) | others).select_related(
        "workspace", "tracked_repository__repository"
    )
    found = rows.only(
        *SHOWN,
        "data_retention_days",
        "total_issues_fetched",
        "tracked_repository__repository__stargazers_count",
        "tracked_repository__repository__open_issues_count",
        "tracked_repository__repository__has_issues",
        "tracked_repository__repository__is_private",
        "tracked_repository__repository__is_archived",
    ).annotate(
        error=ERROR,
        shown_notes=Left("notes", NOTES_SHOWN),
        fingerprint=fingerprint(),
        own=ExpressionWrapper(Q(pk=pk), output_field=BooleanField()),
    )
    in_order = found.order_by("-own", "workspace__name", "pk").diagnosed(
        known.for_few()
    )
    own, *rest = [*in_order[: OTHERS + 2]] or [None]
    return Repository(own, rest) if own and own.own else None


def tuning(row: Row, actions: Actions) -> list[tuple[str, SafeString | str]]:
    """The columns that operators set, each with the way to change it where there is one."""
    return [
        ("Interval", _tuned(INTERVAL, row.sync_frequency_hours, row, actions)),
        ("Priority", _tuned(PRIORITY, row.priority_score, row, actions)),
        ("Keeps data for", _days(row.data_retention_days)),
        ("fetch_issues", _on_or_off(row.fetch_issues)),
        ("is_active", _on_or_off(row.is_active)),
    ]


def _tuned(
    tuning: Tuning, value: int | None, row: Row, actions: Actions
) -> SafeString | str:
    shown = tuning.text(value)
    if actions.of(tuning.operation) is None:
        return shown
    form = tuning.form(value, row, actions.csrf_token)
    return format_html('<span class="tuned">{}{}</span>', shown, form)


def _days(value: int | None) -> str:
    return "unknown" if value is None else f"{value} days"


def _on_or_off(value: bool | None) -> str:
    if value is None:
        return "not set"
    return "on" if value else "off"
