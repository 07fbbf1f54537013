"""What every template knows."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from opsconsole.web import formats, navigation, notices


@dataclass(frozen=True, slots=True)
class ConsoleEnvironment:
    """Where this console works: shown on every page in a colour of its own."""

    name: str

    @property
    def label(self) -> str:
        """The word in the badge."""
        return self.name.upper()

    @property
    def is_production(self) -> bool:
        """Whether customers are touched."""
        return self.name == "production"


def console(request: HttpRequest) -> dict[str, object]:
    """Menu, current entry, environment, the zone of all times, and what rooms announce.

    What rooms announce is asked for by whole pages alone, not by pieces for htmx.
    """
    user = getattr(request, "user", None)
    person = user if user is not None and user.is_authenticated else None
    items = navigation.visible(person) if person else []
    names = [item.url_name for item in items]
    match = request.resolver_match
    return {
        "navigation": navigation.grouped(items),
        "current": navigation.current(
            items, match.view_name if match else "", request.path
        ),
        "menu_numbers": partial(notices.numbers, person, names) if person else {},
        "banners": partial(notices.banners, person) if person else [],
        "environment": ConsoleEnvironment(settings.OPSCONSOLE_ENVIRONMENT),
        "zone": formats.zone(timezone.now()),
    }
