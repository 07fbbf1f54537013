"""The base of all tables and the columns they are made of."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.utils import Accessor

from opsconsole.web import formats, words
from opsconsole.web.meter import meter
from opsconsole.web.templatetags import web

NUMERIC = {"cell": {"class": "numeric"}}


class Table(tables.Table):
    """A list of the console; sorted and paged by `paging.configure()`."""

    label = ""  # what the rows are, for screen readers: "Workspaces"
    default_view = "All"  # what an address without filters lists
    empty_filtered_text = "Nothing matches. Change or clear the filters."
    tiebreak = "pk"  # sorts equal rows, so that no row shows on two pages; "" for none
    hidden_columns: tuple[str, ...] = ()  # not shown before the reader asks for them
    # What a CSV file holds, for audit.exports: column -> field of the rows. A name that
    # is no column's is written always. Without any there is no file.
    csv_fields: Mapping[str, str] = {}

    filtered = False
    choosable: Sequence[str] = ()
    chosen_columns = ""  # as in the address; sent along when the filter changes
    chosen_order = ""  # as in the address; sent along when the filter changes
    request: HttpRequest | None = None

    def keep_order_stable(self) -> None:
        """Sort rows that are equal in the chosen columns by the tiebreak."""
        rows = self.data.data
        if not self.tiebreak or not isinstance(rows, QuerySet) or rows.query.group_by:
            return
        if rows.query.order_by and self.tiebreak not in rows.query.order_by:
            self.data.data = rows.order_by(*rows.query.order_by, self.tiebreak)

    @property
    def may_hide(self) -> "list[tables.columns.BoundColumn]":
        """The columns that the reader may hide or show; set by `paging.configure()`."""
        return [self.columns[name] for name in self.choosable if name in self.columns]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Each order to choose from where there are no heads to press: value, words,
        whether it is the one now."""
        now = next(iter(self.order_by or ()), "")
        return [
            (sign + column.name, f"{column.header}{words}", sign + column.name == now)
            for column in self.columns
            if column.orderable
            for sign, words in (("", ", ascending"), ("-", ", descending"))
        ]

    @property
    def columns_field(self) -> str:
        """The parameter of the address that names the columns to show."""
        return f"{self.prefix or ''}columns"

    @property
    def format_field(self) -> str:
        """The parameter of the address that asks for a file instead of a page."""
        return f"{self.prefix or ''}format"

    @property
    def empty_sentence(self) -> str:
        """What to say when there are no rows: none at all, or none that match."""
        if self.filtered:
            return self.empty_filtered_text
        return self.empty_text or "There is nothing here yet."


class TimeColumn(tables.Column):
    """A moment as "3 h ago"; exact local time and UTC on hover."""

    attrs = {"cell": {"class": "moment"}}

    def __init__(self, *args: Any, missing: str = "never", **kwargs: Any) -> None:
        super().__init__(*args, default=missing, **kwargs)

    def render(self, value: datetime) -> SafeString | str:
        return web.ago(value)

    def value(self, value: datetime) -> str:
        return value.isoformat()


class DurationColumn(tables.Column):
    """A timedelta, or a number of seconds, in words."""

    attrs = NUMERIC

    def render(self, value: timedelta | float) -> str:
        return formats.duration(value)

    def value(self, value: timedelta | float) -> float:
        """Seconds."""
        return value.total_seconds() if isinstance(value, timedelta) else value


class NumberColumn(tables.Column):
    """A number, grouped and right-aligned, with its unit."""

    attrs = NUMERIC

    def __init__(self, *args: Any, unit: str = "", **kwargs: Any) -> None:
        kwargs["attrs"] = NUMERIC | kwargs.get("attrs", {})
        super().__init__(*args, **kwargs)
        self.unit = unit

    def render(self, value: Any) -> SafeString:
        if not self.unit:
            return format_html("{}", web.number(value))
        return format_html(
            '{} <span class="unit">{}</span>', web.number(value), self.unit
        )

    def value(self, value: Any) -> Any:
        return value


class PillColumn(tables.Column):
    """A word as a badge. `vocabulary` says whose word it is where two share one."""

    def __init__(
        self,
        *args: Any,
        vocabulary: Mapping[str, words.Word] = words.WORDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.vocabulary = vocabulary

    def render(self, value: object) -> SafeString:
        return web.badge(words.look(value, self.vocabulary), words.label(value))

    def value(self, value: object) -> str:
        return words.plain(value)


class TierColumn(tables.Column):
    """A price tier as a badge."""

    def render(self, value: object) -> SafeString:
        return web.tier(value)

    def value(self, value: object) -> str:
        return str(value)


class UsageColumn(tables.Column):
    """How much of a row's own limit is used: a bar and "7 of 10"."""

    attrs = {"cell": {"class": "usage-cell"}}

    def __init__(self, *args: Any, limit: str, noun: str, **kwargs: Any) -> None:
        """`limit` names the field that holds the limit, `noun` what is counted."""
        super().__init__(*args, **kwargs)
        self.limit, self.noun = Accessor(limit), noun

    def render(self, value: float, record: Any) -> SafeString:
        return meter(value, self.limit.resolve(record, quiet=True), self.noun)

    def value(self, value: float) -> float:
        return value


class ShortTextColumn(tables.Column):
    """Text cut to `length` characters; all of it on hover."""

    attrs = {"cell": {"class": "prose"}}

    def __init__(self, *args: Any, length: int = 80, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.length = length

    def render(self, value: object) -> SafeString | str:
        return web.short_text(value, self.length)

    def value(self, value: object) -> str:
        return str(value)


class LinkColumn(tables.Column):
    """The row's name, linked, with a second line in small. Pass `linkify=`."""

    attrs = {"cell": {"class": "primary"}, "a": {"class": "strong"}}
    link: Any

    def __init__(self, *args: Any, below: str = "", **kwargs: Any) -> None:
        """`below` names the field of the second line."""
        super().__init__(*args, **kwargs)
        self.below = Accessor(below)
        if self.link:
            self.link = _LinkAbove(self, self.link)

    def render(self, value: object) -> object:
        return value

    def value(self, value: object) -> str:
        return str(value)


class _LinkAbove:
    """Wraps the name in its link and puts the second line below, outside of it."""

    def __init__(self, column: LinkColumn, link: Any) -> None:
        self.column, self.link = column, link

    def __call__(self, content: object, **context: Any) -> SafeString:
        linked = self.link(content, **context)
        below = self.column.below
        text = below.resolve(context["record"], quiet=True) if below else None
        if not text:
            return format_html("{}", linked)
        return format_html('{}<span class="below">{}</span>', linked, text)


class SelectionColumn(tables.Column):
    """A checkbox per row that belongs to the form with the id `form`."""

    attrs = {"cell": {"class": "selection"}}
    empty_values = ()

    def __init__(
        self,
        *args: Any,
        name_of: str,
        name: str = "selected",
        form: str = "selection",
        **kwargs: Any,
    ) -> None:
        """`name_of` names the field that says which row it is, read to the blind."""
        kwargs = {"orderable": False, "exclude_from_export": True} | kwargs
        super().__init__(*args, **kwargs)
        self.name_of, self.name, self.form = Accessor(name_of), name, form

    @property
    def header(self) -> SafeString:
        return format_html(
            '<input type="checkbox" data-select-all="{}" aria-label="{}">',
            self.form,
            "Select all rows on this page",
        )

    def render(self, value: object, record: Any) -> SafeString:
        return format_html(
            '<input type="checkbox" name="{}" value="{}" form="{}" data-select '
            'aria-label="Select {}">',
            self.name,
            value,
            self.form,
            self.name_of.resolve(record, quiet=True),
        )
