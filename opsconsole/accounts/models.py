"""People who use the console."""

import zoneinfo
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from opsconsole.web.addresses import LONGEST_QUERY


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


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views, by who may see and remove them."""

    def seen_by(self, person: User) -> "SavedViewQuerySet":
        """The person's own and those that others share."""
        return self.filter(Q(owner=person) | Q(shared=True))

    def removable_by(self, person: User) -> "SavedViewQuerySet":
        """The person's own; an admin also removes what is shared."""
        if person.has_perm("accounts.delete_savedview"):
            return self.seen_by(person)
        return self.filter(owner=person)


class SavedView(models.Model):
    """A list as somebody filtered, sorted and cut it, under a name."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=100)  # the name of the list's address
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=LONGEST_QUERY)  # as addresses.canonical
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = SavedViewQuerySet.as_manager()

    class Meta:
        permissions: ClassVar = [("share_savedview", "Can share a view with everybody")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "page", "name"], name="saved_view_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The list with the view's filters; empty once there is no such list."""
        try:
            return f"{reverse(self.page)}?{self.query}"
        except NoReverseMatch:
            return ""
