"""What the audit log can be narrowed to. Entries are many: every filter is cheap."""

from collections.abc import Callable
from datetime import date, datetime, time

import django_filters as filters
from django import forms
from django.db import connection
from django.utils import timezone

from opsconsole.audit.models import Entry, EntryQuerySet
from opsconsole.audit.tables import in_words

SEARCHED = 100_000  # newest entries whose subjects are read; there is no index for text
LARGEST_RUN = 2**63 - 1  # bigint


def known(column: str) -> list[str]:
    """The different values of an indexed column, one index look-up each."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE known AS (
                (SELECT {column} AS value FROM audit_entry ORDER BY 1 LIMIT 1)
                UNION ALL
                SELECT (SELECT {column} FROM audit_entry
                        WHERE {column} > known.value ORDER BY 1 LIMIT 1)
                FROM known WHERE value IS NOT NULL
            )
            SELECT value FROM known WHERE value IS NOT NULL
            """  # noqa: S608  the column's name is ours
        )
        return [value for (value,) in cursor.fetchall()]


def choices(
    column: str, label: Callable[[str], str]
) -> Callable[[], list[tuple[str, str]]]:
    return lambda: [(value, label(value)) for value in known(column)]


class DayFilter(filters.DateFilter):
    """From the start, or to the end, of a day in the reader's time zone."""

    def __init__(self, *, moment: time, **kwargs: object) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(field_name="at", widget=widget, **kwargs)
        self.moment = moment

    def filter(self, entries: EntryQuerySet, value: date | None) -> EntryQuerySet:
        if value is None:
            return entries
        bound = timezone.make_aware(datetime.combine(value, self.moment))
        return entries.filter(**{f"at__{self.lookup_expr}": bound})


class RunFilter(filters.NumberFilter):
    """Of one run."""

    field_class = forms.IntegerField


class EntryFilter(filters.FilterSet):
    """By words, person, action, run and days."""

    q = filters.CharFilter(
        label="Search",
        method="about",
        max_length=200,
        widget=forms.TextInput(attrs={"maxlength": 200}),
    )
    actor = filters.ChoiceFilter(
        field_name="actor_name",
        label="Who",
        choices=choices("actor_name", str),
        empty_label="Everybody",
    )
    action = filters.ChoiceFilter(
        label="Action", choices=choices("action", in_words), empty_label="All"
    )
    run = RunFilter(
        field_name="run_id", label="Run", min_value=1, max_value=LARGEST_RUN
    )
    since = DayFilter(label="From", moment=time.min, lookup_expr="gte")
    until = DayFilter(label="To", moment=time.max, lookup_expr="lte")

    class Meta:
        model = Entry
        fields = ("q", "actor", "action", "run", "since", "until")

    def about(self, entries: EntryQuerySet, name: str, text: str) -> EntryQuerySet:
        """Whose subject contains the text, among the newest entries."""
        newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        recent = entries.filter(pk__gt=newest - SEARCHED)
        return recent.filter(subject__icontains=text)
