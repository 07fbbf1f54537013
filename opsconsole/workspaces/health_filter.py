"""What the list of the health page can be narrowed to."""

from typing import ClassVar

from django import forms

from opsconsole.platform.diagnosis import WORDS
from opsconsole.platform.fingerprint import LENGTH
from opsconsole.platform.selection import ANY_TROUBLE
from opsconsole.workspaces.filters import RowFilter, choice, titles


class HealthFilter(RowFilter):
    """All tracked repositories; those in trouble unless the address says something."""

    UNLESS_TOLD: ClassVar = {"word": ANY_TROUBLE}

    word = choice(
        "Diagnosis", [("", "Any"), (ANY_TROUBLE, "Any trouble"), *titles(WORDS).items()]
    )
    error = forms.RegexField(
        rf"^[0-9a-f]{{{LENGTH}}}$", required=False, widget=forms.HiddenInput
    )
