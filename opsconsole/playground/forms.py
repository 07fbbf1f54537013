"""What is asked for beside a button."""

from django import forms
from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)

from opsconsole.playground.words import TROUBLES

MOST = 5_000  # calls an hour, GitHub's limit of a token
A_NUMBER = f"Give a number from 0 to {MOST:,}."


class RepositoryFault(forms.Form):
    """What GitHub answers to the sync function about one repository or some."""

    repository = forms.CharField(
        label="Repository",
        max_length=200,
        help_text="As owner/name; * stands for anything, as in acme/*.",
        validators=[
            RegexValidator(
                r"^(\*|[\w.*-]+/[\w.*-]+)$",
                "Write owner/name, such as acme/app, or acme/* for all of acme's.",
            )
        ],
    )
    fault = forms.ChoiceField(label="What happens", choices=list(TROUBLES.items()))


class Quota(forms.Form):
    """How many calls to GitHub remain."""

    remaining = forms.IntegerField(
        label="Calls that remain in this hour",
        error_messages=dict.fromkeys(("required", "invalid"), A_NUMBER),
        validators=[MinValueValidator(0, A_NUMBER), MaxValueValidator(MOST, A_NUMBER)],
        widget=forms.NumberInput(attrs={"min": 0, "max": MOST}),
    )


class Clear(forms.Form):
    """The pattern of the faults to be switched off; empty for all."""

    of = forms.CharField(max_length=300, required=False)
