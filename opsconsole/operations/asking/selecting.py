"""Which tracked repositories an operation is about: one form part, and what it means.

A form has exactly one way filled in. Its cleaned value, as JSON, is what a run keeps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.text import Truncator

from opsconsole.history.models import ErrorGroup
from opsconsole.operations.asking.fields import (
    Fingerprint,
    RepositoryIds,
    SelectionText,
    WorkspaceId,
    WorkspaceIds,
)
from opsconsole.operations.moment import Moment
from opsconsole.platform import contract
from opsconsole.platform.diagnosis import Circumstances
from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.querysets import WorkspaceTrackedRepositoryQuerySet as Rows
from opsconsole.platform.selection import (
    ACTIVITIES,
    USAGES,
    RowSelection,
    WorkspaceSelection,
)

ONE_WAY = "one way"  # code of the error; a terminal calls the ways by its options
SELECTIONS = ("matching", "workspaces_matching")  # whose words say how many rows
NAMED = 3  # workspaces called by name in a sentence
WTR = "workspace_tracked_repositories"
READS = {
    "error": (f"{WTR}.last_sync_error", f"{WTR}.last_sync_status"),
    "matching": (
        f"{WTR}.fetch_issues",
        f"{WTR}.is_active",
        f"{WTR}.last_sync_at",
        f"{WTR}.last_sync_error",
        f"{WTR}.last_sync_status",
        f"{WTR}.next_sync_at",
        f"{WTR}.sync_attempts",
        f"{WTR}.sync_frequency_hours",
        "repositories.has_issues",
    ),
    "workspaces_matching": (
        "workspaces.last_activity_at",
        "workspaces.max_repositories",
        "workspaces.slug",
        "workspace_repositories.repository_id",
        "workspace_repositories.workspace_id",
    ),
}  # way -> the columns that it may ask for; those that name a row are needed anyway


class SelectingForm(forms.Form):
    """Which tracked repositories, chosen in exactly one way."""

    ways: ClassVar[tuple[str, ...]] = (
        "repositories",
        "workspaces",
        "workspace",
        "error",
        "matching",
        "workspaces_matching",
    )

    repositories = RepositoryIds(
        required=False, help_text="Ids of tracked repositories, one per line."
    )
    workspaces = WorkspaceIds(
        required=False, help_text="Ids: all tracked repositories of these workspaces."
    )
    workspace = WorkspaceId(
        required=False, help_text="Id: all tracked repositories of this one."
    )
    error = Fingerprint(
        required=False,
        label="Error group",
        help_text="Fingerprint: all failed repositories with an error of this kind.",
    )
    matching = SelectionText(
        RowSelection,
        required=False,
        help_text="What a list's address says, for example word=failed; q= means all.",
    )
    workspaces_matching = SelectionText(
        WorkspaceSelection,
        required=False,
        label="Of workspaces matching",
        help_text="The same for the list of workspaces, for example tier=free.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        chosen = [way for way in self.ways if given.get(way)]
        if not self.errors.keys() & set(self.ways):
            if len(chosen) != 1:
                names = ", ".join(way.replace("_", " ") for way in self.ways)
                raise forms.ValidationError(
                    f"Give exactly one of: {names}.", code=ONE_WAY
                )
            for sentence in contract.current().lacks(*READS.get(chosen[0], ())):
                self.add_error(chosen[0], sentence)
        return given

    def choice_is_wrong(self) -> bool:
        """Whether something is wrong with the choice, and not with a parameter."""
        return bool(self.errors.keys() & {*self.ways, NON_FIELD_ERRORS})


def rows(params: dict[str, Any], moment: Moment, *, few: bool = False) -> Rows:
    """The chosen rows, whatever their state; `few` as for a RowSelection."""
    way, value = _given(params)
    return WAYS[way].rows(value, moment, few)


def in_words(params: dict[str, Any], total: int | None) -> str:
    """The chosen rows in words; `total` says how many they are, None that it is unknown."""
    way, value = _given(params)
    return WAYS[way].words(value, total)


def _given(params: dict[str, Any]) -> tuple[str, Any]:
    """Which way of SelectingForm was filled in, and with what."""
    return next((way, params[way]) for way in WAYS if params.get(way))


def _tracked() -> Rows:
    found: Rows = WorkspaceTrackedRepository.objects.all()
    return found


def _matching(text: str, moment: Moment, few: bool) -> Rows:
    selection = RowSelection.from_text(text)
    rows: Rows = selection.rows(_circumstances(selection, moment), few=few)
    return rows


def _of_workspaces_matching(text: str, moment: Moment, few: bool) -> Rows:
    selection = WorkspaceSelection.from_text(text)
    found = selection.workspaces(_circumstances(selection, moment), few=few)
    return _tracked().filter(workspace__in=found.values("pk"))


def _circumstances(
    selection: RowSelection | WorkspaceSelection, moment: Moment
) -> Circumstances:
    """Without a diagnosis in the selection, time alone matters."""
    diagnosed = selection.word or selection.flag
    return moment.circumstances if diagnosed else Circumstances(moment.now)


def _ids_in_words(ids: list[str], total: int | None) -> str:
    if len(ids) > 1:
        return f"{len(ids):,} repositories"
    rows = _tracked().filter(pk=ids[0]).described()
    found = rows.values_list("row_label", "row_workspace").first()
    return " of ".join(found) if found else f"repository {ids[0]}"


def _workspaces_in_words(ids: list[str], total: int | None) -> str:
    if len(ids) == 1:
        return _workspace_in_words(ids[0])
    known = Workspace.objects.filter(pk__in=ids).order_by("name")
    names = [_short(name) for name in known.values_list("name", flat=True)[:NAMED]]
    if more := len(ids) - len(names):
        return f"{len(ids):,} workspaces: {', '.join(names)} and {more:,} more"
    return f"{len(ids)} workspaces: {', '.join(names)}"


def _workspace_in_words(pk: str, total: int | None = None) -> str:
    known = Workspace.objects.filter(pk=pk).first()
    return f"workspace {_short(str(known or pk), 120)}"


def _error_in_words(fingerprint: str, total: int | None = None) -> str:
    known = ErrorGroup.objects.filter(pk=fingerprint).first()
    if known is None:
        return f"error group {fingerprint}"
    return f"error group “{_short(known.pattern, 120)}”"


def _matching_in_words(text: str, total: int | None) -> str:
    conditions = _conditions(RowSelection.from_text(text).as_dict())
    if not conditions:
        return _all(total)
    return (
        f"{_all(total)} that {'matches' if total in (0, 1) else 'match'} {conditions}"
    )


def _workspaces_matching_in_words(text: str, total: int | None) -> str:
    conditions = _conditions(WorkspaceSelection.from_text(text).as_dict())
    which = f"workspaces that match {conditions}" if conditions else "all workspaces"
    return f"{_all(total)} of {which}"


def _all(total: int | None) -> str:
    if total == 0:
        return "no repository"
    if total == 1:
        return "the 1 repository"
    return "all repositories" if total is None else f"all {total:,} repositories"


def _conditions(fields: dict[str, str]) -> str:
    return ", ".join(_condition(name, value) for name, value in fields.items())


def _condition(name: str, value: str) -> str:
    if name == "q":
        return f"text “{_short(value)}”"
    if name == "error":
        return _error_in_words(value)
    if name == "workspace":
        return _workspace_in_words(value)
    spoken = {**USAGES, **ACTIVITIES}.get(value, value)
    return f"{name} {spoken[:1].lower()}{spoken[1:]}"


def _short(text: str, length: int = 60) -> str:
    return Truncator(text).chars(length)


@dataclass(frozen=True)
class Way:
    """A way to choose: the rows it means, and words for them and for how many."""

    rows: Callable[[Any, Moment, bool], Rows]
    words: Callable[[Any, int | None], str]


WAYS = {
    "repositories": Way(
        lambda ids, at, few: _tracked().filter(pk__in=ids), _ids_in_words
    ),
    "workspaces": Way(
        lambda ids, at, few: _tracked().filter(workspace__in=ids), _workspaces_in_words
    ),
    "workspace": Way(
        lambda pk, at, few: _tracked().of_workspace(pk), _workspace_in_words
    ),
    "error": Way(
        lambda fingerprint, at, few: _tracked().failed().with_error(fingerprint),
        _error_in_words,
    ),
    "matching": Way(_matching, _matching_in_words),
    "workspaces_matching": Way(_of_workspaces_matching, _workspaces_matching_in_words),
}
