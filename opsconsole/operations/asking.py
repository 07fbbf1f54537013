"""The page that asks for an operation's parameters.

A list sends the rows alone: the page shows them in words, carries them in one hidden
field and asks for the rest. What is chosen on the page itself replaces them.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from opsconsole.operations.catalog import Operation
from opsconsole.operations.catalog.on_repositories import OnRepositories
from opsconsole.operations.fields import Number
from opsconsole.operations.moment import Moment
from opsconsole.operations.selecting import SelectingForm
from opsconsole.platform import contract
from opsconsole.platform.models import WorkspaceTrackedRepository
from opsconsole.platform.panel import ask

CARRIED = "chosen"  # name of the hidden field
LISTED = 50  # repositories by name
FIRST = 3  # of them before "and 38 more"
TICKED = {"matching": "repositories", "workspaces_matching": "workspaces"}
LISTS = {"matching": "workspaces:sync_health", "workspaces_matching": "workspaces:list"}


@dataclass(frozen=True)
class Name:
    """One of the chosen repositories."""

    pk: UUID
    label: str
    workspace: str
    url: str


@dataclass(frozen=True)
class Chosen:
    """The chosen rows as the page shows them."""

    words: str
    carried: str  # for the hidden field
    url: str  # where they are listed, else empty
    names: list[Name] = field(default_factory=list)
    total: int | None = None
    problem: str = ""  # why there is no total

    @property
    def first(self) -> list[Name]:
        return self.names[:FIRST]

    @property
    def others(self) -> list[Name]:
        """Those shown on demand."""
        return self.names[FIRST:]

    @property
    def is_one_by_name(self) -> bool:
        """Whether the words are a repository's name already."""
        return self.total == 1 and self.words.startswith(self.names[0].label)

    @property
    def more(self) -> int:
        return (self.total or 0) - len(self.first)

    @property
    def unnamed(self) -> int:
        return (self.total or 0) - len(self.names)


@dataclass(frozen=True)
class Asking:
    """What was sent, and what the page shows of it."""

    form: forms.Form
    complete: bool  # sent to be planned: `form` is bound with all of it
    own: list[BoundField]  # the operation's own parameters
    ways: list[BoundField]  # to choose rows, or to choose differently
    chosen: Chosen | None


def asked(operation: type[Operation], sent: QueryDict, *, posted: bool) -> Asking:
    """Read a request. What a list posts lacks the operation's own parameters."""
    kind = operation.Form
    ways: tuple[str, ...] = getattr(kind, "ways", ())
    own = [name for name in kind.base_fields if name not in ways]
    data = _resolved(sent, ways)
    complete = posted and all(name in data for name in own)
    form = kind(data if posted or _given(data, ways) else None)
    wrong = isinstance(form, SelectingForm) and form.choice_is_wrong()
    chosen = None if wrong or not form.is_bound else _chosen(operation, form, ways)
    asking = form if complete else kind(initial={name: data.get(name) for name in own})
    _describe(asking, own, chosen)
    choices = form if wrong else kind()
    return Asking(
        form,
        complete,
        [asking[name] for name in own],
        [choices[name] for name in ways],
        chosen,
    )


def _resolved(sent: QueryDict, ways: tuple[str, ...]) -> QueryDict:
    """With the rows that the page carried, unless it chose others.

    "All that match" stands for the ticked rows too; without script both are sent.
    """
    data = sent.copy()
    carried = QueryDict(data.get(CARRIED, ""))
    if not _given(data, ways):
        for way in ways:
            if way in carried:
                data.setlist(way, carried.getlist(way))
    for matching, ticked in TICKED.items():
        if data.get(matching):
            data.pop(ticked, None)
    return data


def _given(data: QueryDict, ways: tuple[str, ...]) -> list[str]:
    return [way for way in ways if any(data.getlist(way))]


def _chosen(
    operation: type[Operation], form: forms.Form, ways: tuple[str, ...]
) -> Chosen | None:
    code = operation()
    params = {way: form.cleaned_data.get(way) for way in ways}
    if not isinstance(code, OnRepositories):
        return None
    [(way, value)] = [item for item in params.items() if item[1]]
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    carried, url = urlencode({way: text}), _list_of(way, text)
    found = ask(lambda: _look(code, params))
    if found.answer is None:
        words = _words_without_rows(code, params, value)
        return Chosen(words, carried, url, problem=found.problem)
    names, total = found.answer
    if way == "repositories" and total == 1:
        url = names[0].url
    return Chosen(code.in_words(params, total), carried, url, names, total)


def _look(code: OnRepositories, params: dict[str, Any]) -> tuple[list[Name], int]:
    rows = code.chosen(params, Moment(timezone.now()))
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:LISTED])
    described = WorkspaceTrackedRepository.objects.filter(pk__in=keys).described()
    columns = ("pk", "row_label", "row_workspace", "row_workspace_id")
    names = [
        Name(pk, label, workspace, f"{_workspace(of)}?{urlencode({'q': label})}")
        for pk, label, workspace, of in described.order_by("row_label").values_list(
            *columns
        )
    ]
    return names, len(keys) if len(keys) < LISTED else rows.count()


def _words_without_rows(
    code: OnRepositories, params: dict[str, Any], value: Any
) -> str:
    if isinstance(value, list):
        return f"{len(value):,} chosen by id"
    words = ask(lambda: code.in_words(params, None))
    return words.answer or "the chosen repositories"


def _list_of(way: str, text: str) -> str:
    """The list that shows the rows; of single ids there is none."""
    if way in LISTS:
        return f"{reverse(LISTS[way])}?{text}"
    if way == "error":
        return f"{reverse('workspaces:sync_health')}?{urlencode({'error': text})}"
    return _workspace(text) if way == "workspace" else ""


def _workspace(pk: object) -> str:
    return reverse("workspaces:detail", args=[pk])


def _describe(form: forms.Form, own: list[str], chosen: Chosen | None) -> None:
    """Say what numbers may be, and what the only chosen repository holds now."""
    platform = contract.current()
    only = chosen.names[0].pk if chosen and chosen.total == 1 else None
    for number in map(form.fields.get, own):
        if isinstance(number, Number):
            number.describe(platform, _held(number.column, only))


def _held(column: str, only: UUID | None) -> list[int | None]:
    if only is None:
        return []
    row = WorkspaceTrackedRepository.objects.filter(pk=only)
    found = ask(lambda: list(row.values_list(column, flat=True)))
    return found.answer or []
