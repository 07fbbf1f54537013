"""The lists of error groups."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from opsconsole.operations.asking.suggest import Suggestion
from opsconsole.web.tables import NUMERIC, Table, TimeColumn
from opsconsole.web.templatetags import web
from opsconsole.workspaces.health.error_lines import ErrorLine

PATTERN_SHOWN, SAMPLE_SHOWN = 140, 90  # characters of a text from outside


class PatternColumn(tables.Column):
    """The pattern, linked to its group, and below it an error that is not the same."""

    attrs = {"cell": {"class": "primary"}}

    def render(self, value: str, record: ErrorLine) -> SafeString:
        linked = format_html(
            '<a class="strong" href="{}">{}</a>',
            record.url,
            web.short_text(value, PATTERN_SHOWN),
        )
        if record.sample == value:
            return linked
        sample = Truncator(record.sample).chars(SAMPLE_SHOWN)
        return format_html('{}<span class="below">{}</span>', linked, sample)

    def value(self, value: str) -> str:
        return value


class CountColumn(tables.Column):
    """How many have it, and of which tiers below."""

    attrs = NUMERIC

    def render(self, value: int, record: ErrorLine) -> SafeString:
        number = web.number(value)
        return format_html('{}<span class="below">{}</span>', number, record.whose)


class LineColumn(tables.Column):
    """A sparkline; the number beside it says the value."""

    attrs = {"cell": {"class": "trend-cell"}}

    def render(self, value: SafeString) -> SafeString:
        return value


class ResetGroupColumn(tables.Column):
    """The way to a plan that resets exactly these."""

    attrs = NUMERIC

    def render(self, value: str, record: ErrorLine, table: Any) -> SafeString:
        return format_html(
            '<a class="button small" href="{}" aria-label="{}">Reset these…</a>',
            table.reset.url(error=value),
            f"Reset all that fail with {record.pattern[:60]}…",
        )


class ErrorTable(Table):
    """One row per group that somebody has now."""

    label = "Errors"
    tiebreak = ""
    empty_filtered_text = "No failed repository of this tier has an error."

    pattern = PatternColumn("Error", orderable=False)
    rows = CountColumn(verbose_name="Repositories")
    line = LineColumn("Last 24 h", orderable=False, default="")
    first_seen = TimeColumn(verbose_name="First seen")
    last_seen = TimeColumn(verbose_name="Last seen")
    action = ResetGroupColumn(
        "Action", accessor="fingerprint", orderable=False, exclude_from_export=True
    )

    class Meta:
        empty_text = "No failed repository has an error."

    def __init__(self, lines: list[ErrorLine], reset: Suggestion | None) -> None:
        """`reset`: for a person who may reset what failed."""
        super().__init__(lines, exclude=() if reset else ("action",))
        self.reset = reset
