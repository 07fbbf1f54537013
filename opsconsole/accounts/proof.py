"""Whether the person at the keyboard has just shown to be the owner of the account."""

import time
from datetime import timedelta

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired

from opsconsole.accounts.http import PersonRequest

RECENT = timedelta(minutes=15)

__all__ = ["ReauthenticationRequired", "is_fresh"]


def is_fresh(request: PersonRequest) -> bool:
    """Whether a password, code or passkey was given in this session a moment ago.

    Where it was not, raise ReauthenticationRequired: allauth then asks for it and
    afterwards carries on with the very request that was made.
    """
    given = get_authentication_records(request, request.user)
    return bool(given) and time.time() - given[-1]["at"] < RECENT.total_seconds()
