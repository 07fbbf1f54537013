"""Does the web server answer yet?"""

import http.client
import time

PATIENCE = 60.0  # seconds from the first look


class NotReadyError(Exception):
    """The web server does not answer; the message says so."""


class Readiness:
    """Asks /healthz whenever it is called, and loses patience after a minute."""

    def __init__(
        self, address: str, port: int, host: str, patience: float = PATIENCE
    ) -> None:
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (not bound)
        self.address = anywhere.get(address, address)
        self.port = port
        self.host = host  # one of ALLOWED_HOSTS
        self.patience = patience
        self._since: float | None = None

    def __call__(self) -> bool:
        """Return whether /healthz answers 200. Raises NotReadyError."""
        now = time.monotonic()
        self._since = self._since or now
        answer = self._ask()
        if answer != "200" and now - self._since > self.patience:
            raise NotReadyError(
                f"The web server gave no healthy answer within {self.patience:.0f} seconds; "
                f"the last one was: {answer}."
            )
        return answer == "200"

    def _ask(self) -> str:
        connection = http.client.HTTPConnection(self.address, self.port, timeout=1)
        try:
            connection.request("GET", "/healthz", headers={"Host": self.host})
            return str(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()
