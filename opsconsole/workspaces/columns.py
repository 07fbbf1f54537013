"""Cells that only the lists of workspaces and their repositories have."""

from typing import Any
from urllib.parse import quote

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from opsconsole.platform.models import Workspace, WorkspaceTrackedRepository
from opsconsole.platform.rules import FAILED
from opsconsole.web.tables import NUMERIC, SelectionColumn
from opsconsole.web.templatetags import web
from opsconsole.workspaces.why import why

GITHUB = "https://github.com/"
RESET = "reset-failed-sync"
RESET_ONE = "reset-one"  # id of the form in workspaces/reset_selected.html
ERROR_SHOWN = 2_000  # characters of an error that the page loads
ERROR_AT_ONCE = 58  # characters shown before a person unfolds it

Row = WorkspaceTrackedRepository


class FailedColumn(tables.Column):
    """How many failed, linked to these; a healthy workspace has a plain 0."""

    attrs = NUMERIC

    def render(self, value: int, record: dict[str, Any]) -> SafeString | str:
        if not value:
            return "0"
        url = reverse("workspaces:detail", args=[record["id"]])
        return format_html(
            '<a href="{}?condition=failed">{}</a>',
            url,
            web.pill(FAILED, label=f"{web.number(value)} failed"),
        )

    def value(self, value: int) -> int:
        return value


class GitHubColumn(tables.Column):
    """The name of a repository, linked to where its issues are."""

    attrs = {"cell": {"class": "primary"}}

    def render(self, value: str) -> SafeString:
        return format_html(
            '<a class="strong" href="{}{}">{}<span class="visually-hidden"> on GitHub'
            "</span></a>&nbsp;{}",
            GITHUB,
            quote(value),
            value,
            web.icon("external-link", 12),
        )

    def value(self, value: str) -> str:
        return value


class WhyColumn(tables.Column):
    """The word for a row's condition at the table's `now`, with its sentence below."""

    def render(self, record: Row, table: Any) -> SafeString:
        found = why(record, table.now)
        below = format_html('<span class="below">{}</span>', found.sentence)
        return format_html("{}{}", web.diagnosis(found.word), below)

    def value(self, record: Row, table: Any) -> str:
        return why(record, table.now).word


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


class ErrorColumn(tables.Column):
    """An error text from outside: its start, and all that was loaded when unfolded."""

    attrs = {"cell": {"class": "prose"}}

    def render(self, value: str) -> SafeString | str:
        short = Truncator(value).chars(ERROR_AT_ONCE)
        if short == value:
            return value
        return format_html("<details><summary>{}</summary>{}</details>", short, value)

    def value(self, value: str) -> str:
        return value


class ResetSelection(SelectionColumn):
    """A checkbox in the rows that a reset would touch, and in no other."""

    def render(self, value: object, record: Row) -> SafeString:
        return super().render(value, record) if _is_failed(record) else SafeString()


class ResetColumn(tables.Column):
    """A button that plans the reset of this row alone; nothing changes by planning."""

    empty_values = ()
    attrs = {"cell": {"class": "numeric"}}

    def render(self, value: object, record: Row) -> SafeString | str:
        if not _is_failed(record):
            return ""
        return format_html(
            '<button class="button small" form="{}" name="repositories" value="{}"'
            ' aria-label="{}">Reset…</button>',
            RESET_ONE,
            value,
            f"Reset failed sync of {record.tracked_repository.repository}…",
        )


def _tier_and_state(workspace: Workspace) -> SafeString:
    if workspace.is_active is False:
        return format_html("{} deleted", web.tier(workspace.tier))
    return web.tier(workspace.tier)


def _is_failed(row: Row) -> bool:
    return row.last_sync_status == FAILED
