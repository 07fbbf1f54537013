"""What a person fills in before a run starts."""

from django import forms

from opsconsole.operations.decisions import LONGEST_REASON, SHORTEST_REASON


class ConfirmForm(forms.Form):
    """Why, and which plan."""

    plan_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(
        label="Reason",
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        help_text="Kept in the audit log. Name the ticket if there is one.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
