"""Columns that lists of runs share: numbers as all pages write them, nouns that fit."""

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.utils import Accessor

from opsconsole.operations.showing.wording import grouped
from opsconsole.operations.verdicts import nouns
from opsconsole.web.tables import LinkColumn, NumberColumn
from opsconsole.web.templatetags import web


class RunColumn(LinkColumn):
    """A run's title, linked, and below it what the run was about."""

    def __init__(self, *args: Any, below: str, **kwargs: Any) -> None:
        super().__init__(*args, below=below, **kwargs)
        self.below = _Grouped(below)


class RowsColumn(NumberColumn):
    """A number of rows: `1 row`, `2 525 rows`."""

    def render(self, value: Any) -> SafeString:
        noun = nouns("row", value)
        return format_html('{} <span class="unit">{}</span>', web.number(value), noun)


class DecideColumn(tables.Column):
    """A button that leads to where the run's page asks for a decision."""

    empty_values = ()

    def __init__(self, label: str, at: str) -> None:
        """`at` is the place on that page, such as `#decide`."""
        super().__init__(verbose_name="Next", orderable=False, exclude_from_export=True)
        self.label, self.at = label, at

    def render(self, record: Any) -> SafeString:
        return format_html(
            '<a class="button small" href="{}{}" aria-label="{} {}">{}</a>',
            *(record.get_absolute_url(), self.at, self.label, record, self.label),
        )


class _Grouped(Accessor):
    def resolve(self, context: Any, *args: Any, **kwargs: Any) -> str:
        text = super().resolve(context, *args, **kwargs)
        return grouped(text) if text else ""
