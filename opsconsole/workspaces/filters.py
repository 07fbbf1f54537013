"""What the lists can be narrowed to: the fields of a selection, as a form.

A value that is none of the choices is named beside its field, and nothing is listed:
without the filter there would be more rows than somebody asked for, and "all that match"
would mean them.
"""

from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property

from opsconsole.platform import contract, diagnosis, flags
from opsconsole.platform.selection import (
    ACTIVITIES,
    ANY_TROUBLE,
    LONGEST_TEXT,
    STATES,
    USAGES,
    RowSelection,
    SelectionError,
    WorkspaceSelection,
)
from opsconsole.web import words

ANY = {ANY_TROUBLE: "Any trouble"}
Choices = list[tuple[str, str]]


def chosen_of(names: dict[str, str], empty: str) -> Choices:
    """Value and title of each choice, after the one that filters nothing."""
    return [("", empty), *names.items()]


def tiers() -> Choices:
    """Those the platform knows; the usual ones as long as it does not answer."""
    known = contract.current().tiers or words.TIERS
    return chosen_of({tier: tier.capitalize() for tier in known}, "All")


def titles(vocabulary: tuple[str, ...]) -> dict[str, str]:
    return {word: words.label(word) for word in vocabulary}


def search() -> forms.CharField:
    widget = forms.TextInput(attrs={"maxlength": LONGEST_TEXT})
    return forms.CharField(
        label="Search", max_length=LONGEST_TEXT, required=False, widget=widget
    )


def choice(label: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False)


class SelectionForm(forms.Form):
    """The form of a selection, whose fields have the same names."""

    kind: ClassVar[type[RowSelection] | type[WorkspaceSelection]]

    def clean(self) -> None:
        """What the selection refuses is an error of its field."""
        for name, value in list(self.cleaned_data.items()):
            try:
                self.kind.from_mapping({name: value})
            except SelectionError as error:
                self.add_error(name, str(error))

    @cached_property
    def selection(self) -> Any:
        """The fields that hold what they may."""
        self.is_valid()
        return self.kind.from_mapping(self.cleaned_data)

    def of(self, found: Any) -> Any:
        """The rows of the selection as they are; none where a field is wrong."""
        return found if self.is_valid() else found.filter(pk__isnull=True)

    @property
    def matching(self) -> str:
        """For components/selection_bar.html; empty where a field is wrong."""
        return self.selection.as_text() if self.is_valid() else ""


DIAGNOSES = chosen_of(ANY | titles(diagnosis.WORDS), "Any")


class RowFilter(SelectionForm):
    """Tracked repositories of the whole platform. A page drops a field by naming it None."""

    kind = RowSelection

    q = search()
    word = choice("Diagnosis", DIAGNOSES)
    flag = choice("Flag", chosen_of(titles(flags.WORDS), "Any"))
    tier = choice("Tier", tiers)


class RepositoryFilter(RowFilter):
    """Tracked repositories of one workspace."""

    tier = None  # type: ignore[assignment]


class WorkspaceFilter(SelectionForm):
    """Workspaces; deleted ones only when asked for."""

    kind = WorkspaceSelection

    q = search()
    tier = choice("Tier", tiers)
    word = choice(
        "Has a repository", chosen_of(titles(diagnosis.WORDS), "In any state")
    )
    flag = choice("Has a flag", chosen_of(titles(flags.WORDS), "Any or none"))
    usage = choice("Usage", chosen_of(USAGES, "Any"))
    activity = choice("Activity", chosen_of(ACTIVITIES, "Any"))
    state = choice("State", chosen_of(STATES, "Not deleted"))
