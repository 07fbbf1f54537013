"""What a list of runs can be narrowed to."""

from datetime import date, datetime, time

import django_filters as filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from opsconsole.operations.catalog import OPERATIONS
from opsconsole.operations.models import Run, RunQuerySet
from opsconsole.operations.risks import Risk
from opsconsole.operations.states import FINISHED, UNDECIDED, WORKING, State

S = State
# Group of states -> its members. A value of the filter `state`, as each state is.
GROUPS: dict[str, tuple[State, ...]] = {
    "at work": WORKING,
    "waiting for a person": (*UNDECIDED, S.PAUSED),
    "problems": (S.APPLIED_WITH_PROBLEMS, S.FAILED),
    "finished": FINISHED,
}
UNDO = {
    "undone": ("Undone", Q(state=S.UNDONE)),
    "undo": ("Undoes another", Q(undo_of__isnull=False)),
    "own": ("No undo", Q(undo_of__isnull=True)),
}


def states() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups first, then each state."""
    single = [state.value for state in State]
    return [
        ("Groups", [(name, name.capitalize()) for name in GROUPS]),
        ("One state", [(name, name.capitalize()) for name in single]),
    ]


def people() -> list[tuple[str, str]]:
    """Everybody who ever asked for a run."""
    asked = Exists(Run.objects.filter(requested_by=OuterRef("pk")))
    names = get_user_model().objects.filter(asked).order_by("username")
    return [(name, name) for name in names.values_list("username", flat=True)]


class DayFilter(filters.DateFilter):
    """Planned from the start, or to the end, of a day in the reader's time zone."""

    def __init__(self, *, moment: time, **kwargs: object) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(field_name="created_at", widget=widget, **kwargs)
        self.moment = moment

    def filter(self, runs: RunQuerySet, value: date | None) -> RunQuerySet:
        if value is None:
            return runs
        bound = timezone.make_aware(datetime.combine(value, self.moment))
        return runs.filter(**{f"created_at__{self.lookup_expr}": bound})


class RunFilter(filters.FilterSet):
    """By words, operation, state, risk, person, days and undo."""

    q = filters.CharFilter(
        label="Search",
        method="matching",
        widget=forms.TextInput(attrs={"maxlength": 200}),
    )
    operation = filters.ChoiceFilter(
        choices=[(slug, kind.title) for slug, kind in OPERATIONS.items()],
        empty_label="All",
    )
    state = filters.ChoiceFilter(choices=states(), method="in_state", empty_label="All")
    risk = filters.ChoiceFilter(
        choices=[(risk, risk.capitalize()) for risk in Risk], empty_label="All"
    )
    by = filters.ChoiceFilter(
        field_name="requested_by__username",
        label="By",
        choices=people,
        empty_label="All",
    )
    undo = filters.ChoiceFilter(
        label="Undo",
        choices=[(name, label) for name, (label, _) in UNDO.items()],
        method="of_undo",
        empty_label="All",
    )
    since = DayFilter(label="From", moment=time.min, lookup_expr="gte")
    until = DayFilter(label="To", moment=time.max, lookup_expr="lte")
    mine = filters.BooleanFilter(
        label="Only mine", method="of_me", widget=forms.CheckboxInput
    )

    class Meta:
        model = Run
        fields = ("q", "operation", "state", "risk", "by", "undo", "since", "until")

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

    def in_state(self, runs: RunQuerySet, name: str, chosen: str) -> RunQuerySet:
        return runs.filter(state__in=GROUPS.get(chosen, (chosen,)))

    def of_undo(self, runs: RunQuerySet, name: str, chosen: str) -> RunQuerySet:
        return runs.filter(UNDO[chosen][1])

    def of_me(self, runs: RunQuerySet, name: str, mine: bool) -> RunQuerySet:
        return runs.filter(requested_by=self.request.user) if mine else runs
