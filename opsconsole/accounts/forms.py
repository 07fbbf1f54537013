"""What people set for themselves."""

import zoneinfo
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from opsconsole.accounts.models import SavedView, User
from opsconsole.web import addresses

MOST_VIEWS = 30  # of one person on one list: they stand side by side
FLEETING = ("page", "format")  # say where one is in a list, not which list it is


def zones() -> list[tuple[str, str]]:
    """Every zone that the server knows; UTC, the platform's own, first."""
    names = sorted(zoneinfo.available_timezones() - {"UTC"})
    return [(name, name.replace("_", " ")) for name in ("UTC", *names)]


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """The time zone in which one person reads times."""

    time_zone = forms.ChoiceField(
        choices=zones,
        help_text="Times are shown in this zone; point at one to see it in UTC.",
    )

    class Meta:
        model = User
        fields = ("time_zone",)


class SavedViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name for what stands in a list's address."""

    class Meta:
        model = SavedView
        fields = ("page", "query", "name", "shared")
        error_messages = {
            "name": {
                "required": "Give the view a name.",
                "max_length": "A view's name has at most 60 characters.",
            },
            "query": {
                "required": "This list shows everything: there is nothing to save yet.",
                "max_length": "These filters are too long to be saved.",
            },
            "page": {"required": "It is not known which list to save."},
        }

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.owner = owner

    def clean_page(self) -> str:
        page = str(self.cleaned_data["page"])
        try:
            reverse(page)
        except NoReverseMatch:
            raise forms.ValidationError("There is no such list.") from None
        return page

    def clean_query(self) -> str:
        given = QueryDict(self.cleaned_data["query"])
        query = addresses.canonical(given, set(given) - {*FLEETING})
        wrong = self.fields["query"].error_messages
        if not query:
            raise forms.ValidationError(wrong["required"])
        if len(query) > addresses.LONGEST_QUERY:
            raise forms.ValidationError(wrong["max_length"])
        return query

    def clean_shared(self) -> bool:
        shared = bool(self.cleaned_data["shared"])
        if shared and not self.instance.owner.has_perm("accounts.share_savedview"):
            raise forms.ValidationError("Your role may not share views with everybody.")
        return shared

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        page, name = found.get("page"), found.get("name")
        views = SavedView.objects.filter(owner=self.instance.owner, page=page)
        if views.filter(name=name).exists():
            raise forms.ValidationError(
                f"You have a view called “{name}” here: delete it, or choose another name."
            )
        if views.count() >= MOST_VIEWS:
            raise forms.ValidationError(
                f"You have {MOST_VIEWS} views of this list: delete one first."
            )
        return found

    def sentences(self) -> list[str]:
        """What is wrong, field by field."""
        return [str(error) for errors in self.errors.values() for error in errors]
