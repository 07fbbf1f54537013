"""The list of audit entries."""

from datetime import datetime

import django_tables2 as tables
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsconsole.web.tables import LinkColumn, ShortTextColumn, Table
from opsconsole.web.templatetags import web


def in_words(action: str) -> str:
    """`operations.run.cancel_requested` is "Run cancel requested"."""
    words = action.split(".")[1:] or [action]
    text = " ".join(words).replace("_", " ")
    return text[:1].upper() + text[1:]


def run_url(run_id: int) -> str:
    """The page of a run, by name: runs are above this room. Empty without that room."""
    try:
        return reverse("operations:run", args=[run_id])
    except NoReverseMatch:
        return ""


class MomentColumn(tables.Column):
    """The exact time: in a log it matters more than how long ago that is."""

    attrs = {"cell": {"class": "moment"}}

    def render(self, value: datetime) -> SafeString | str:
        return web.moment(value)


class ActionColumn(LinkColumn):
    """What was done, in words, with its name in the log below."""

    def render(self, value: object) -> str:
        return in_words(str(value))


class RunColumn(tables.Column):
    """The number of the run that an entry belongs to, linked."""

    attrs = {"cell": {"class": "numeric"}}

    def render(self, value: int) -> SafeString | str:
        url = run_url(value)
        return format_html('<a href="{}">{}</a>', url, value) if url else str(value)


class EntryTable(Table):
    """Entries, the newest first."""

    label = "Audit entries"
    empty_filtered_text = "No entry matches. Change or clear the filters."
    csv_fields = {
        "entry": "pk",
        "at": "at",
        "actor_name": "actor_name",
        "action": "action",
        "subject": "subject",
        "reason": "reason",
        "run_id": "run_id",
    }

    at = MomentColumn("When", orderable=False)
    actor_name = tables.Column("Who", orderable=False)
    action = ActionColumn(
        "Action",
        linkify=("audit:entry", [tables.A("pk")]),
        below="action",
        orderable=False,
    )
    subject = ShortTextColumn(verbose_name="Subject", orderable=False)
    reason = ShortTextColumn(
        verbose_name="Reason", length=120, default="", orderable=False
    )
    run_id = RunColumn("Run", default="", orderable=False)

    class Meta:
        order_by = ()
        empty_text = "Nothing has been recorded yet."
