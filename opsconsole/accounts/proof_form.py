"""The form that asks for the password again."""

from typing import Any

from allauth.account.forms import ReauthenticateForm


class PasswordAgain(ReauthenticateForm):
    """As allauth's, ready to be typed into: there is nothing else to fill in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True
