"""What the list of the health page can be narrowed to."""

from collections.abc import Mapping
from typing import Any, Self

from django import forms

from opsconsole.platform.fingerprint import LENGTH
from opsconsole.platform.selection import ANY_TROUBLE
from opsconsole.workspaces.filters import DIAGNOSES, RowFilter, choice

ANY = "any"  # said aloud: an address without a word means those in trouble


class HealthFilter(RowFilter):
    """All tracked repositories."""

    word = choice("Diagnosis", [(ANY, "Any"), *DIAGNOSES[1:]])

    error = forms.RegexField(
        rf"^[0-9a-f]{{{LENGTH}}}$", required=False, widget=forms.HiddenInput
    )

    def clean_word(self) -> str:
        word: str = self.cleaned_data["word"]
        return "" if word == ANY else word

    @classmethod
    def asked(cls, address: Mapping[str, Any]) -> Self:
        """As the address says; where it names no field, those in trouble.

        A page or an order in it is no field: turning a page changes no filter.
        """
        named = any(name in address for name in cls.base_fields)
        return cls(address if named else {"word": ANY_TROUBLE})
