"""Types of requests, for annotations only."""

from typing import TYPE_CHECKING

from opsconsole.web.http import HtmxRequest

if TYPE_CHECKING:
    from opsconsole.accounts.models import User


class PersonRequest(HtmxRequest):
    """A request of somebody who has signed in, with our own kind of account."""

    user: "User"
