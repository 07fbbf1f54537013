"""Give a test run its own PostgreSQL: `-p opsconsole.sandbox.pytest_plugin`.

The server starts when this module is imported, since pytest-django reads the settings
before any hook of ours. With DATABASE_URL set nothing happens: workers of xdist inherit
the address from the process that started them, and CI may name its own server.
"""

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import psycopg

from opsconsole.sandbox.databases import prepare, urls
from opsconsole.sandbox.postgres import SUPERUSER, Server, url

SERVICES = ("GITHUB_TOKEN", "SUPABASE_KEY", "SUPABASE_ACCESS_TOKEN", "STANDIN_URL")
TEST_RUN_ROLES = ("opsconsole_owner", "opsconsole_app")  # may make test databases


class ServerForTests:
    """A throw-away server in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="opsconsole-test-"))
        self.folder.chmod(0o711)  # PostgreSQL's account passes through
        self.data = self.folder / "pg"
        self.server = Server(self.data, throwaway=True)

    def start(self) -> dict[str, str]:
        """Start and prepare the server; return the environment that leads to it."""
        self.server.start()
        prepare(self.data)
        with psycopg.connect(url(self.data, "postgres", SUPERUSER)) as connection:
            for role in TEST_RUN_ROLES:
                connection.execute(f"ALTER ROLE {role} CREATEDB")
        addresses = urls(self.data)
        return {
            "DATABASE_URL": addresses.console,
            "OPSCONSOLE_OWNER_DATABASE_URL": addresses.console_owner,
            "PLATFORM_DATABASE_URL": addresses.platform,
            "PLATFORM_WRITE_DATABASE_URL": addresses.platform_write,
            "OPSCONSOLE_TEST_PLATFORM_OWNER_URL": addresses.maintenance,
            "OPSCONSOLE_TEST_CONSOLE_SUPERUSER_URL": url(
                self.data, "opsconsole", SUPERUSER
            ),
            "OPSCONSOLE_SECRET_KEY": secrets.token_urlsafe(48),
            "OPSCONSOLE_HTTPS": "false",
            "OPSCONSOLE_ENVIRONMENT": "sandbox",
            "OPSCONSOLE_STATE_DIR": str(self.folder / "state"),
            # no test calls a real service by accident
            **{f"OPSCONSOLE_{name}": "" for name in SERVICES},
        }

    def stop(self) -> None:
        """Stop the server and leave nothing behind."""
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


server: ServerForTests | None = None
if "DATABASE_URL" not in os.environ:
    server = ServerForTests()
    os.environ.update(server.start())


def pytest_unconfigure() -> None:
    """Stop the server at the end of the run."""
    if server is not None:
        server.stop()
