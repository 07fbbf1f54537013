"""What the lists can be narrowed to. A value that is none of the choices is named beside
its field and filters nothing."""

from datetime import datetime
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q

from opsconsole.platform import contract
from opsconsole.platform.models import (
    TrackedRepository,
    Workspace,
    WorkspaceTrackedRepository,
)
from opsconsole.platform.querysets import WorkspaceQuerySet
from opsconsole.platform.rules import REPEATEDLY
from opsconsole.platform.selection import NEARLY_FULL
from opsconsole.workspaces.conditions import BY_NAME, CONDITIONS, Rows

LONGEST_TEXT = 200  # characters
DELETED = "deleted"
EVERY = "every"
NAMES = [(condition.name, condition.title) for condition in CONDITIONS]


def tiers() -> list[tuple[str, str]]:
    """The tiers that the platform knows, from the cheapest on."""
    return [(tier, tier.capitalize()) for tier in contract.current().tiers]


def search(method: str) -> filters.CharFilter:
    return filters.CharFilter(
        label="Search",
        method=method,
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(attrs={"maxlength": LONGEST_TEXT}),
    )


class WorkspaceFilter(filters.FilterSet):
    """Workspaces by words, tier and state; deleted ones only when asked for."""

    q = search("matching")
    tier = filters.ChoiceFilter(label="Tier", choices=tiers, empty_label="All")
    state = filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label="All",
        choices=[
            ("failing", "With failures"),
            ("nearly_full", "Over 80 % used"),
            ("over_limit", "Over the limit"),
            (DELETED, "Deleted"),
        ],
    )

    class Meta:
        model = Workspace
        fields = ("q", "tier", "state")

    def filter_queryset(self, queryset: WorkspaceQuerySet) -> WorkspaceQuerySet:
        found: WorkspaceQuerySet = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("state") == DELETED
        return found.filter(is_active=False) if asked else found.active()

    def matching(
        self, workspaces: WorkspaceQuerySet, name: str, text: str
    ) -> WorkspaceQuerySet:
        return workspaces.matching(text)

    def in_state(
        self, workspaces: WorkspaceQuerySet, name: str, state: str
    ) -> WorkspaceQuerySet:
        if state == "failing":
            failed = WorkspaceTrackedRepository.objects.failed()
            return workspaces.filter(pk__in=failed.values("workspace_id"))
        share = {"nearly_full": NEARLY_FULL, "over_limit": 1}.get(state)
        if share is None:
            return workspaces
        return workspaces.using_over(share)


class RepositoryFilter(filters.FilterSet):
    """Tracked repositories of one workspace by words and condition."""

    q = search("named")
    condition = filters.ChoiceFilter(
        label="Condition", method="in_condition", choices=NAMES, empty_label="All"
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    class Meta:
        model = WorkspaceTrackedRepository
        fields = ("q", "condition")

    def named(self, rows: Rows, name: str, text: str) -> Rows:
        return rows.filter(_repositories_named(text))

    def in_condition(self, rows: Rows, name: str, condition: str) -> Rows:
        known = BY_NAME.get(condition)
        return known.rows(rows, self.now) if known else rows


class HealthFilter(RepositoryFilter):
    """Tracked repositories of the whole platform; the failed ones unless told."""

    condition = filters.ChoiceFilter(
        label="Condition",
        method="in_condition",
        choices=[*NAMES[1:], (EVERY, "Any")],
        empty_label=NAMES[0][1],
    )
    tier = filters.ChoiceFilter(
        field_name="workspace__tier", label="Tier", choices=tiers, empty_label="All"
    )
    attempts = filters.ChoiceFilter(
        label="Attempts",
        method="after_attempts",
        choices=[("many", f"More than {REPEATEDLY}")],
        empty_label="Any number",
    )

    class Meta:
        model = WorkspaceTrackedRepository
        fields = ("q", "condition", "tier", "attempts")

    def filter_queryset(self, queryset: Rows) -> Rows:
        found: Rows = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("condition")
        return found if asked else found.failed()

    def named(self, rows: Rows, name: str, text: str) -> Rows:
        workspaces = Workspace.objects.filter(name__icontains=text)
        inside = Q(workspace__in=workspaces.values("pk"))
        return rows.filter(inside | _repositories_named(text))

    def after_attempts(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(sync_attempts__gt=REPEATEDLY)


def _repositories_named(text: str) -> Q:
    """Looked up beside the rows: joined to them, it would be asked a million times."""
    found = TrackedRepository.objects.filter(repository__full_name__icontains=text)
    return Q(tracked_repository__in=found.values("pk"))
