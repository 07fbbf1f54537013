"""What a person fills in when deciding about a run."""

import re
from typing import Any

from django import forms

from opsconsole.operations.decisions import LONGEST_REASON, SHORTEST_REASON


class TypedNumber(forms.IntegerField):
    """A number typed to show that it was read; grouped or not: 2525, 2,525, 2 525."""

    def to_python(self, value: Any) -> int | None:
        plain = re.sub(r"[\s,.'’]", "", value) if isinstance(value, str) else value
        number: int | None = super().to_python(plain)
        return number


class Reason(forms.CharField):
    """Why, in a sentence."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_length=SHORTEST_REASON,
            max_length=LONGEST_REASON,
            widget=forms.Textarea(attrs={"rows": 2}),
            **kwargs,
        )


class ConfirmForm(forms.Form):
    """Why, which plan, and for some risks the number of rows."""

    plan_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = Reason(
        label="Reason",
        help_text="Kept in the audit log. Name the ticket if there is one.",
    )
    typed = TypedNumber(required=False)


class NoForm(forms.Form):
    """A button alone."""


class GoOnForm(forms.Form):
    """The number of rows left, after a long pause."""

    typed = TypedNumber(required=False)


class PauseForm(forms.Form):
    """Why, if the person wants to say it."""

    reason = forms.CharField(required=False, max_length=200)


class ApproveForm(forms.Form):
    """Which plan is signed, and what there is to say of it."""

    plan_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = Reason(label="Remark", required=False)


class RejectForm(forms.Form):
    """Why not."""

    reason = Reason(
        label="Why not", help_text="The requester reads it. Kept in the audit log."
    )


class ReviewForm(forms.Form):
    """What the second person thinks of the emergency."""

    reason = Reason(
        label="Your review",
        help_text="Was it right, what follows? Kept in the audit log.",
    )
