"""What every template knows."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from opsconsole.web import formats, navigation


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
    """Menu, current entry, environment, and the zone of all times."""
    user = getattr(request, "user", None)
    items = navigation.visible(user) if user and user.is_authenticated else []
    match = request.resolver_match
    return {
        "navigation": navigation.grouped(items),
        "current": navigation.current(
            items, match.view_name if match else "", request.path
        ),
        "environment": ConsoleEnvironment(settings.OPSCONSOLE_ENVIRONMENT),
        "zone": formats.zone(timezone.now()),
    }
