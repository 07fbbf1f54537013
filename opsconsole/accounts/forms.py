"""What people set for themselves."""

import zoneinfo

from django import forms

from opsconsole.accounts.models import User


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
