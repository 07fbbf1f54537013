"""What a list of runs can be narrowed to."""

import django_filters as filters
from django import forms
from django.db.models import Q

from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run, RunQuerySet
from opsconsole.operations.states import State


class RunFilter(filters.FilterSet):
    """By words, operation, state and person."""

    q = filters.CharFilter(
        label="Search",
        method="matching",
        widget=forms.TextInput(attrs={"maxlength": 200}),
    )
    operation = filters.ChoiceFilter(
        choices=[(slug, kind.title) for slug, kind in OPERATIONS.items()],
        empty_label="All",
    )
    state = filters.ChoiceFilter(
        choices=[(state.value, state.value.capitalize()) for state in State],
        empty_label="All",
    )
    mine = filters.BooleanFilter(
        label="Only mine", method="of_me", widget=forms.CheckboxInput
    )

    class Meta:
        model = Run
        fields = ("q", "operation", "state", "mine")

    def matching(self, runs: RunQuerySet, name: str, text: str) -> RunQuerySet:
        """In the subject, the reason or the person's name; or the run's number."""
        words = (
            Q(subject__icontains=text)
            | Q(reason__icontains=text)
            | Q(requested_by__username__icontains=text)
        )
        number = text.removeprefix("#")
        if number.isdecimal() and len(number) < 19:  # fits a bigint
            words |= Q(pk=int(number))
        return runs.filter(words)

    def of_me(self, runs: RunQuerySet, name: str, mine: bool) -> RunQuerySet:
        return runs.filter(requested_by=self.request.user) if mine else runs
