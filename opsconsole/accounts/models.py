"""People who use the console."""

import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models


def known_zone(name: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name[:60]!r} is not a time zone such as Europe/Berlin")


class User(AbstractUser):
    """A person; what they may do comes from the role, a group of the same name."""

    time_zone = models.CharField(
        max_length=60,
        default="UTC",
        validators=[known_zone],
        help_text="Times are shown in this zone, for example Europe/Berlin.",
    )
