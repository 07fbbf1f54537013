"""Cells that only the lists of workspaces and their repositories have."""

from typing import Any
from urllib.parse import quote

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from opsconsole.platform import diagnosis, flags
from opsconsole.platform.models import Workspace
from opsconsole.web import formats
from opsconsole.web.tables import NUMERIC, NumberColumn
from opsconsole.web.templatetags import web
from opsconsole.workspaces.listing import FAILURES
from opsconsole.workspaces.repositories.rows import Row, name_of
from opsconsole.workspaces.repositories.tuning import Tuning
from opsconsole.workspaces.repositories.why import sentence

GITHUB = "https://github.com/"
ERROR_AT_ONCE = 58  # characters shown before a person unfolds it
SENTENCE_SHOWN = 160  # characters; a refusal quotes what GitHub said


class GitHubColumn(tables.Column):
    """The name of a repository, linked to where its issues are."""

    attrs = {"cell": {"class": "primary"}}

    def render(self, value: str) -> SafeString:
        return format_html(
            '<a class="strong" href="{}">{}<span class="visually-hidden"> on GitHub'
            "</span></a>&nbsp;{}",
            github(value),
            value,
            web.icon("external-link", 12),
        )

    def value(self, value: str) -> str:
        return value


class RepositoryColumn(tables.Column):
    """The name of a tracked repository, linked to its page."""

    attrs = {"cell": {"class": "primary"}}

    def render(self, value: str, record: Row) -> SafeString:
        page = reverse("workspaces:repository", args=[record.pk])
        return format_html('<a class="strong" href="{}">{}</a>', page, value)

    def value(self, value: str) -> str:
        return value


class WhyColumn(tables.Column):
    """The row's word with its flags; below, what it means here and an error if it failed."""

    attrs = {"cell": {"class": "why"}}

    def render(self, record: Row, table: Any) -> SafeString:
        text = Truncator(sentence(record, table.known.now)).chars(SENTENCE_SHOWN)
        return format_html(
            '{}{}<span class="below">{}</span>{}',
            badge(record.word),
            badges(record.flags),
            text,
            error(record.error) if record.word in FAILURES else "",
        )

    def value(self, record: Row) -> str:
        return str(record.word)


class WorkspaceColumn(tables.Column):
    """The workspace of a row, linked, with its tier below."""

    def render(self, value: Workspace) -> SafeString:
        return format_html(
            '<a class="strong" href="{}">{}</a><span class="below">{}</span>',
            reverse("workspaces:detail", args=[value.pk]),
            value.name,
            _tier_and_state(value),
        )

    def value(self, value: Workspace) -> str:
        return value.name


class SuggestionColumn(tables.Column):
    """The operation that helps this row, as a link to its plan; nothing changes by it."""

    empty_values = ()

    def render(self, value: object, record: Row, table: Any) -> SafeString | str:
        suggestion = table.actions.for_word(record.word)
        if suggestion is None:
            return ""
        return format_html(
            '<a class="button small" href="{}" aria-label="{}">{}…</a>',
            suggestion.url(repositories=[record.pk]),
            f"{suggestion.title}: {name_of(record)}…",
            suggestion.title,
        )


class TuningColumn(NumberColumn):
    """A number that an operation sets, with a small form for who may run it."""

    empty_values = ()

    def __init__(self, *args: Any, tuning: Tuning, **kwargs: Any) -> None:
        super().__init__(*args, unit=tuning.unit, **kwargs)
        self.tuning = tuning

    def render(  # type: ignore[override]
        self, value: int | None, record: Row, table: Any
    ) -> SafeString | str:
        shown = self.tuning.missing if value is None else super().render(value)
        if table.actions.of(self.tuning.operation) is None:
            return shown
        form = self.tuning.form(value, record, table.actions.csrf_token)
        return format_html('<span class="tuned">{}{}</span>', shown, form)


class MixColumn(tables.Column):
    """The words of a workspace's repositories, each with its count."""

    attrs = {"cell": {"class": "mix-cell"}}
    empty_values: Any = (None, {})

    def render(self, value: dict[str, int]) -> SafeString:
        return format_html(
            '<div class="mix">{}<span class="below">{}</span></div>',
            web.mix_bar(value),
            web.mix_summary(value),
        )


class IntervalsColumn(tables.Column):
    """The shortest and the longest interval of a workspace, in hours."""

    attrs = NUMERIC

    def render(self, value: tuple[int, int]) -> SafeString:
        shortest, longest = value
        span = f"{shortest}" if shortest == longest else f"{shortest}–{longest}"
        return format_html('{} <span class="unit">h</span>', span)


class NameColumn(tables.Column):
    """The name of a workspace, linked, with its slug below and whether it is deleted."""

    attrs = {"cell": {"class": "primary"}}

    def render(self, value: str, record: Any) -> SafeString:
        gone = record.workspace.is_active is False
        return format_html(
            '<a class="strong" href="{}">{}</a>{}<span class="below">{}</span>',
            reverse("workspaces:detail", args=[record.pk]),
            value,
            format_html(" {}", web.pill("deleted")) if gone else "",
            record.workspace.slug,
        )

    def value(self, value: str) -> str:
        return value


class FailedColumn(tables.Column):
    """How many fail, linked to these; a healthy workspace has a plain 0."""

    attrs = NUMERIC

    def render(self, value: int, record: Any) -> SafeString | str:
        if not value:
            return "0"
        page = reverse("workspaces:detail", args=[record.pk])
        label = f"{formats.number(value)} failed"
        return format_html(
            '<a href="{}?sort=-attempts">{}</a>', page, web.pill("failed", label=label)
        )

    def value(self, value: int) -> int:
        return value


def github(full_name: str) -> str:
    """The address of a repository; its name comes from outside."""
    return f"{GITHUB}{quote(full_name)}"


def error(text: str | None) -> SafeString:
    """An error from outside: its start, and all that was loaded when unfolded."""
    if not text:
        return SafeString()
    short = Truncator(text).chars(ERROR_AT_ONCE)
    if short == text:
        return format_html('<span class="below">{}</span>', text)
    return format_html("<details><summary>{}</summary>{}</details>", short, text)


def badge(word: str) -> SafeString:
    """A diagnosis as a badge; its sentence on hover."""
    return format_html(
        '<span class="pill-of" title="{}">{}</span>',
        diagnosis.BY_WORD[word].sentence,
        web.diagnosis(word),
    )


def badges(words: list[str]) -> SafeString:
    """Flags as small badges; their sentences on hover."""
    return format_html_join(
        "",
        ' <span class="flag" title="{}">{}</span>',
        ((flags.BY_WORD[word].sentence, web.diagnosis(word)) for word in words),
    )


def _tier_and_state(workspace: Workspace) -> SafeString:
    if workspace.is_active is False:
        return format_html("{} deleted", web.tier(workspace.tier))
    return web.tier(workspace.tier)
