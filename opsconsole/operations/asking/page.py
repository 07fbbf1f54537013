"""The page that asks for an operation's parameters.

A list sends the rows alone: the page shows them in words, carries them in one hidden
field and asks for the rest. What is chosen on the page itself replaces them.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from opsconsole.operations.asking.fields import Number
from opsconsole.operations.asking.selecting import SelectingForm
from opsconsole.operations.catalog import Operation
from opsconsole.operations.catalog.on_repositories import OnRepositories
from opsconsole.operations.moment import Moment
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
        return self.total == 1 and any(
            self.words.startswith(name.label) for name in self.names
        )

    @property
    def more(self) -> int:
        return (self.total or 0) - len(self.first)

    @property
    def unnamed(self) -> int:
        return (self.total or 0) - len(self.names)


class Asking:
    """What was sent, and what the page shows of it.

    What the page shows is asked for when it is drawn: a plan does without.
    """

    def __init__(
        self, operation: type[Operation], sent: QueryDict, *, posted: bool
    ) -> None:
        self.operation = operation
        self._ways: tuple[str, ...] = getattr(operation.Form, "ways", ())
        fields = operation.Form.base_fields
        self._own = [name for name in fields if name not in self._ways]
        self._data = _resolved(sent, self._ways)
        chosen = _given(self._data, self._ways)
        self.form = operation.Form(self._data if posted or chosen else None)
        # A list posts its rows without the operation's own parameters.
        self.complete = posted and all(map(self._is_sent, self._own))

    @cached_property
    def choice_is_wrong(self) -> bool:
        """Whether the rows have to be chosen again."""
        form = self.form
        return isinstance(form, SelectingForm) and form.choice_is_wrong()

    @cached_property
    def chosen(self) -> Chosen | None:
        """The rows that were sent along, or None: there are none, or they are wrong."""
        if self.choice_is_wrong or not self.form.is_bound:
            return None
        return _chosen(self.operation, self.form, self._ways)

    @cached_property
    def own(self) -> list[BoundField]:
        """The operation's own parameters."""
        given = {name: self._sent(name) for name in self._own if name in self._data}
        form = self.form if self.complete else self.operation.Form(initial=given)
        _describe(form, self._own, self.chosen)
        return [form[name] for name in self._own]

    @cached_property
    def ways(self) -> list[BoundField]:
        """The ways to choose rows, or to choose differently."""
        form = self.form if self.choice_is_wrong else self.operation.Form()
        return [form[name] for name in self._ways]

    def _sent(self, name: str) -> Any:
        widget = self.form.fields[name].widget
        return widget.value_from_datadict(self._data, {}, name)

    def _is_sent(self, name: str) -> bool:
        """Of ticks that are all off a browser sends nothing."""
        widget = self.form.fields[name].widget
        return not widget.value_omitted_from_data(self._data, {}, name)


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
    words, names, total = found.answer
    if way == "repositories" and total == 1 and names:
        url = names[0].url
    return Chosen(words, carried, url, names, total)


def _look(code: OnRepositories, params: dict[str, Any]) -> tuple[str, list[Name], int]:
    """The chosen rows in words, the first of them by name, and how many they are."""
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
    total = len(keys) if len(keys) < LISTED else rows.count()
    return code.in_words(params, total), names, total


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
    names = chosen.names if chosen and chosen.total == 1 else []
    only = names[0].pk if names else None
    for number in map(form.fields.get, own):
        if isinstance(number, Number):
            number.describe(platform, _held(number.column, only))


def _held(column: str, only: UUID | None) -> list[int | None]:
    if only is None:
        return []
    row = WorkspaceTrackedRepository.objects.filter(pk=only)
    found = ask(lambda: list(row.values_list(column, flat=True)))
    return found.answer or []
