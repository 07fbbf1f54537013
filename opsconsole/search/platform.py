"""What the platform knows: workspaces and tracked repositories, a few of each.

No index serves a search within names: at most one walk over the names of workspaces and
one over those of repositories, cut short by the page's deadline.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Length

from opsconsole.platform.models import (
    Repository,
    Workspace,
    WorkspaceRepository,
    WorkspaceTrackedRepository,
)
from opsconsole.platform.panel import ask
from opsconsole.search.groups import FEW, Group, Hit, few, link

WORKSPACES = ("workspaces.name", "workspaces.slug", "workspaces.tier")
REPOSITORIES = (
    "workspaces.name",
    "repositories.full_name",
    "tracked_repositories.repository_id",
    "workspace_repositories.workspace_id",
    "workspace_repositories.repository_id",
    "workspace_tracked_repositories.workspace_id",
    "workspace_tracked_repositories.tracked_repository_id",
)
MOST_WORKSPACES = 60  # of the repositories found
Tracked = WorkspaceTrackedRepository.objects


def workspaces(text: str) -> Group:
    """By name or slug; those that begin with the text first. Deleted ones too."""
    place = Case(
        When(Q(name__istartswith=text) | Q(slug__istartswith=text), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    found = Workspace.objects.filter(Q(name__icontains=text) | Q(slug__icontains=text))
    rows = found.order_by(place, Length("name"), "name", "pk")
    return _asked(
        Group("Workspaces", "building-2"),
        lambda: [_workspace(row) for row in rows[: FEW + 1]],
        WORKSPACES,
        _list("workspaces:list", text),
    )


def repositories(text: str) -> Group:
    """Tracked repositories by full name, one hit for each workspace that has it."""
    return _asked(
        Group("Repositories", "folder-git-2"),
        lambda: [_repository(row) for row in _rows_named(text)],
        REPOSITORIES,
        _list("workspaces:sync_health", text),
    )


def identified(key: UUID) -> Group:
    """Whatever has this id: a workspace, a row that is synced, a repository."""

    def found() -> list[Hit]:
        spaces = Workspace.objects.filter(pk=key)
        own = _rows_of(Repository.objects.filter(Q(pk=key) | Q(tracked=key)))
        rows = [*_described(Tracked.filter(pk=key)), *own]
        return [*map(_workspace, spaces), *map(_repository, rows)][: FEW + 1]

    group = Group("This id", "hash")
    return _asked(group, found, (*WORKSPACES, *REPOSITORIES), "")


def _asked(
    group: Group, question: Callable[[], list[Hit]], needs: tuple[str, ...], more: str
) -> Group:
    panel = ask(question, *needs)
    if panel.answer is None:
        return Group(group.title, group.icon, problem=panel.problem)
    hits, rest = few(panel.answer, more)
    return Group(group.title, group.icon, hits, rest)


def _rows_named(text: str) -> list[WorkspaceTrackedRepository]:
    """The repository of exactly this name first: that look-up has an index."""
    tracked = Repository.objects.filter(tracked__isnull=False)
    exact = list(_rows_of(tracked.filter(full_name=text)))
    if len(exact) > FEW:
        return exact
    named = tracked.filter(full_name__icontains=text).exclude(full_name=text)
    return [*exact, *_rows_of(named)][: FEW + 1]


def _rows_of(repositories: Any) -> list[WorkspaceTrackedRepository]:
    """The synced rows of the first few repositories.

    The platform has an index of active rows by repository; others are looked up by the
    workspaces that have the repository, else in all rows.
    """
    first = list(repositories.values_list("pk", "tracked")[: FEW + 1])
    links = WorkspaceRepository.objects.filter(repository__in=[pk for pk, _ in first])
    spaces = list(links.values_list("workspace", flat=True)[:MOST_WORKSPACES])
    same = Q(tracked_repository__in=[tracked for _, tracked in first])
    rows = Tracked.filter(same & Q(is_active=True) | same & Q(workspace__in=spaces))
    by_name = rows.order_by("tracked_repository__repository__full_name", "pk")
    return list(_described(by_name)[: FEW + 1])


def _described(rows: Any) -> Any:
    related = rows.select_related("workspace", "tracked_repository__repository")
    return related.only("workspace__name", "tracked_repository__repository__full_name")


def _workspace(workspace: Workspace) -> Hit:
    deleted = " · deleted" if workspace.is_active is False else ""
    detail = f"{workspace.slug} · {workspace.tier}{deleted}"
    return Hit(workspace.name, link("workspaces:detail", workspace.pk), detail)


def _repository(row: WorkspaceTrackedRepository) -> Hit:
    name = row.tracked_repository.repository.full_name
    detail = f"in {row.workspace.name}"
    return Hit(name, link("workspaces:repository", row.pk), detail)


def _list(name: str, text: str) -> str:
    return f"{link(name)}?{urlencode({'q': text})}"
