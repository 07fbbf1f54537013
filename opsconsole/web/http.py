"""Types of requests, for annotations only: nothing here is ever instantiated."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser
    from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request that went through django-htmx's middleware."""

    htmx: "HtmxDetails"


class OperatorRequest(HtmxRequest):
    """A request of a person who has signed in."""

    # The User model lives above us; what all of Django's have in common is enough here.
    user: "AbstractUser"  # type: ignore[assignment]
