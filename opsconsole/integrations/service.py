"""A service: its name, which variables it needs, how it names requests and errors."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from opsconsole.integrations.errors import NotConfigured


@dataclass(frozen=True)
class Service:
    """One service; settings and their environment variables differ by OPSCONSOLE_ alone."""

    name: str
    needs: tuple[str, ...]  # settings without which it cannot be used
    token: str  # the setting that holds its token
    rights: str  # what the token must be, in words
    status_page: str
    request_ids: tuple[str, ...]  # headers in which it names a request
    code: str = ""  # the header that names an error

    def missing(self) -> list[str]:
        """The environment variables that are still to be set."""
        return [variable(name) for name in self.needs if not getattr(settings, name)]

    def configured(self) -> bool:
        return not self.missing()

    def require(self) -> None:
        """Raise NotConfigured unless everything is set."""
        if missing := self.missing():
            names = " and ".join(missing)
            sentence = f"{self.name} is not configured: set {names}."
            raise NotConfigured(sentence, service=self.name)


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return f"OPSCONSOLE_{setting}"


def is_local(url: str) -> bool:
    """Whether an address is this very machine, which no proxy leads to."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
