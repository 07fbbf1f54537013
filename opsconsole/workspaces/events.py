"""Runs and audit entries as lines of components/timeline.html."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from opsconsole.audit.models import Entry
from opsconsole.audit.tables import in_words
from opsconsole.operations.models import Run

Event = dict[str, Any]


def of_runs(runs: Iterable[Run]) -> list[Event]:
    """Needs `requested_by` loaded."""
    return [
        {
            "text": run.title,
            "at": run.created_at,
            "word": run.state,
            "who": run.requested_by.get_username(),
            "detail": run.subject,
            "url": run.get_absolute_url(),
        }
        for run in runs
    ]


def of_entries(entries: Iterable[Entry]) -> list[Event]:
    return [
        {
            "text": in_words(entry.action),
            "at": entry.at,
            "who": entry.actor_name,
            "detail": entry.subject,
            "url": reverse("audit:entry", args=[entry.pk]),
        }
        for entry in entries
    ]
